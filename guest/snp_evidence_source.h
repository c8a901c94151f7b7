#pragma once
#include "guest/evidence_source.h"
#include "guest/tsm_report.h"

namespace guest {

/// Reports of the AMD secure processor, with the certificates that the host gives along. HOST_DATA in them says which
/// initdata this guest was started with. They reach the guest encrypted under a key of its own launch.
class SnpEvidenceSource final : public EvidenceSource {
 public:
  /// @param reporter of the provider "sev_guest"
  explicit SnpEvidenceSource(TsmReporter reporter) : reporter_(std::move(reporter)) {}
  void bind(std::string initdata) override;
  [[nodiscard]] std::string_view tee() const override { return "snp"; }
  attestation::wire::InitData init_data() override { return {"toml", initdata_}; }
  base::Json primary_evidence(const base::Sha384& digest) override;

 private:
  TsmReporter reporter_;
  std::string initdata_;
};

}  // namespace guest
