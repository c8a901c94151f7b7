// room: attestation
#include "attestation/snp_certificate_table.h"
#include "attestation/vek_certificate.h"
#include "base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    (void)attestation::read_snp_certificate_table({data, size});
    for (const base::X509Certificate& certificate : attestation::snp_table_objects({data, size}).certificates)
      (void)attestation::read_vek_certificate(certificate);
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
