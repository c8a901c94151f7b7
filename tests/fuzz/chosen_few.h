#pragma once
#include <cstdint>

#include "base/bytes.h"

namespace fuzz {

/// True for one input of 128, by its bytes: the same input is always chosen or never. For the part of a fuzzer that is
/// much slower than the parser it is about, such as an honest signature around every input.
inline bool is_one_of_few(base::Bytes input) {
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const std::uint8_t byte : input) hash = (hash ^ byte) * 16777619U;
  return ((hash >> 16U) & 127U) == 0;
}

}  // namespace fuzz
