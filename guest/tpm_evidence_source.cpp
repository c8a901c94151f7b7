#include "guest/tpm_evidence_source.h"

#include "base/crypto.h"
#include "base/posix_files.h"
#include "guest/initdata_check.h"

namespace guest {
namespace {

constexpr std::size_t event_log_limit = 1U << 20U;

}  // namespace

TpmEvidenceSource::TpmEvidenceSource(Tpm tpm, std::string event_log_path, std::string command_line)
    : tpm_(std::move(tpm)), event_log_path_(std::move(event_log_path)), command_line_(std::move(command_line)) {}

void TpmEvidenceSource::bind(std::string initdata) {
  check_initdata(initdata, command_line_);
  const base::Bytes document = base::bytes_of(initdata);
  tpm_.extend(initdata_pcr, base::sha256(document), base::sha384(document));
  initdata_ = std::move(initdata);
  event_log_ = base::buffer_of(base::bytes_of(base::read_file(event_log_path_, event_log_limit)));
}

base::Json TpmEvidenceSource::primary_evidence(const base::Sha384& digest) {
  return evidence(attestation::wire::tpm_report_data(digest)).json();
}

attestation::wire::TpmEvidence TpmEvidenceSource::evidence(base::Bytes report_data) {
  return {tpm_.attestation_key_public(), tpm_.quote(Tpm::Bank::sha256, report_data),
          attestation::wire::BulkheadEvidence{guest_, event_log_, tpm_.quote(Tpm::Bank::sha384, report_data)}};
}

}  // namespace guest
