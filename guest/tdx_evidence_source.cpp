#include "guest/tdx_evidence_source.h"

#include "attestation/wire/tdx_evidence.h"
#include "base/posix_files.h"
#include "measurement/td_quote.h"

namespace guest {
namespace {

constexpr std::size_t event_log_limit = 1U << 20U;

}  // namespace

TdxEvidenceSource::TdxEvidenceSource(TsmReporter reporter, TdReport td_report, std::string event_log_path)
    : reporter_(std::move(reporter)), td_report_(std::move(td_report)), event_log_path_(std::move(event_log_path)) {}

void TdxEvidenceSource::bind(std::string initdata) {
  const base::Buffer report = td_report_(base::Buffer(TsmReporter::data_size));
  const base::Sha384 wanted = measurement::read_td_registers(report).mr_config_id;
  expect_initdata(base::sha384(base::bytes_of(initdata)).hex(), wanted.hex(), "MRCONFIGID");
  initdata_ = std::move(initdata);
  if (const auto log = base::read_file_if_any(event_log_path_, event_log_limit))
    event_log_ = base::buffer_of(base::bytes_of(*log));
}

base::Json TdxEvidenceSource::primary_evidence(const base::Sha384& digest) {
  return attestation::wire::TdxEvidence{reporter_.report(padded_report_data(digest)).report, event_log_}.json();
}

}  // namespace guest
