// room: attestation
#include <cstddef>
#include <cstdint>

#include "attestation/wire/jwe.h"
#include "base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    static const base::EcdhKey key;
    attestation::wire::decrypt_in_guest(key, text);
  } catch (const base::Error&) {  // the expected answer to bad input
  }
  return 0;
}
