#include "guest/snp_evidence_source.h"

#include "attestation/wire/snp_evidence.h"
#include "base/crypto.h"
#include "base/error.h"
#include "measurement/snp_report.h"

namespace guest {

void SnpEvidenceSource::bind(std::string initdata) {
  const TsmReport made = reporter_.report(base::Buffer(TsmReporter::data_size));
  const base::Sha256 wanted = measurement::read_snp_report(made.report).host_data;
  expect_initdata(base::sha256(base::bytes_of(initdata)).hex(), wanted.hex(), "HOST_DATA");
  initdata_ = std::move(initdata);
}

base::Json SnpEvidenceSource::primary_evidence(const base::Sha384& digest) {
  const TsmReport made = reporter_.report(padded_report_data(digest));
  return attestation::wire::snp_evidence_json(made.report, made.auxiliary);
}

}  // namespace guest
