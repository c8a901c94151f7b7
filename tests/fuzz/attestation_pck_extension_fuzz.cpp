// room: attestation
#include "attestation/pck_extension.h"
#include "base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    (void)attestation::parse_pck_extension({data, size});
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
