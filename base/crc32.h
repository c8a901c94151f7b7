#pragma once
#include "base/bytes.h"

namespace base {

/// CRC-32 as zlib, GPT and IGVM compute it: reflected polynomial 0xEDB88320, all ones before and inverted after.
/// @param before the CRC of the bytes that come before these, 0 for none, so that parts can be summed one by one
/// Source: ISO/IEC 3309; RFC 1952 section 8
std::uint32_t crc32(Bytes bytes, std::uint32_t before = 0) noexcept;

}  // namespace base
