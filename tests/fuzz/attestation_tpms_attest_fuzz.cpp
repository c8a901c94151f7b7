// room: attestation
#include <cstddef>
#include <cstdint>

#include <string_view>

#include "attestation/tpm_structures.h"
#include "base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    static_cast<void>(text);
    const base::Bytes bytes(data, size);
    if (size % 2 == 0) attestation::parse_rsassa_sha256(bytes);
    attestation::QuoteAttestation::parse(bytes);
  } catch (const base::Error&) {  // the expected answer to bad input
  }
  return 0;
}
