// room: attestation
#include "attestation/vek_certificate.h"
#include "base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    (void)attestation::read_vek_certificate(base::X509Certificate::from_der({data, size}, "input"));
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
