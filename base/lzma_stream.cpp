#include "base/lzma_stream.h"

#include <lzma.h>

#include <memory>

#include "base/error.h"

namespace base {
namespace {

constexpr std::uint64_t memory_limit = 256ULL << 20U;
constexpr std::size_t header_size = 13;

std::size_t declared_size(Bytes stream, std::size_t limit, std::string_view name) {
  if (stream.size() < header_size)
    throw Error(Kind::malformed,
                std::string(name) + ": LZMA header needs 13 bytes, got " + std::to_string(stream.size()));
  std::uint64_t size = 0;
  for (std::size_t i = 8; i-- > 0;) size = (size << 8U) | stream[5 + i];
  if (size > limit)
    throw Error(Kind::malformed, std::string(name) + ": LZMA size " + std::to_string(size) + ", wanted at most " +
                                     std::to_string(limit) + " bytes");
  return static_cast<std::size_t>(size);
}

}  // namespace

Buffer lzma_alone_decompressed(Bytes stream, std::size_t limit, std::string_view name) {
  Buffer out(declared_size(stream, limit, name));
  lzma_stream state = LZMA_STREAM_INIT;
  const std::unique_ptr<lzma_stream, decltype(&lzma_end)> ends(&state, &lzma_end);
  if (lzma_alone_decoder(&state, memory_limit) != LZMA_OK) throw Error(Kind::failure, "liblzma: no decoder");
  state.next_in = stream.data();
  state.avail_in = stream.size();
  state.next_out = out.data();
  state.avail_out = out.size();
  lzma_ret result = LZMA_OK;
  while (result == LZMA_OK && state.avail_out != 0) result = lzma_code(&state, LZMA_RUN);
  if (state.avail_out != 0 || (result != LZMA_OK && result != LZMA_STREAM_END))
    throw Error(Kind::malformed,
                std::string(name) + ": LZMA stream is damaged after " + std::to_string(state.total_in) + " bytes");
  return out;
}

}  // namespace base
