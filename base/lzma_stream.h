#pragma once
#include "base/bytes.h"

namespace base {

/// Decompresses a .lzma ("LZMA alone") stream: 5 bytes of properties, 8 of size, then data. edk2 stores the main
/// firmware volume so.
/// @param name  what is decompressed, for messages
/// @param limit the most bytes the result may have
/// @throws Error{malformed} when the stream is damaged, truncated or longer than `limit`
Buffer lzma_alone_decompressed(Bytes stream, std::size_t limit, std::string_view name);

}  // namespace base
