// room: attestation
#include <cstdlib>

#include "attestation/snp_evidence_file.h"
#include "attestation/verify_snp.h"
#include "base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const attestation::wire::SnpEvidence evidence = attestation::read_snp_evidence({data, size});
    const base::Json again = attestation::wire::snp_evidence_json(evidence.report, {});
    if (attestation::wire::SnpEvidence::parse(again).report != evidence.report) std::abort();
    (void)attestation::verify_snp(evidence.report, evidence.brought.certificates, {}, {});
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
