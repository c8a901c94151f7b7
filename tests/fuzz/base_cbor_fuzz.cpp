// room: base
#include <cstdlib>

#include "base/cbor.h"
#include "base/error.h"

/// What was read is written and read again as the same item.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const base::Buffer once = base::Cbor::parse({data, size}, "document").encoded();
    if (base::Cbor::parse(once, "again").encoded() != once) std::abort();
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
