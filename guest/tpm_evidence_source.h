#pragma once
#include "guest/evidence_source.h"
#include "guest/tss2_tpm.h"

namespace guest {

/// Where Linux shows the firmware's event log.
inline constexpr const char* tpm_event_log_path = "/sys/kernel/security/tpm0/binary_bios_measurements";

/// Quotes of both PCR banks and the event log they are read with.
class TpmEvidenceSource final : public EvidenceSource {
 public:
  TpmEvidenceSource(Tpm tpm, std::string event_log_path);
  void bind(std::string initdata) override;
  void name_guest(std::string guest) override { guest_ = std::move(guest); }
  attestation::wire::InitData init_data() override { return {"toml", initdata_}; }
  attestation::wire::TpmEvidence evidence(base::Bytes report_data) override;

 private:
  Tpm tpm_;
  std::string event_log_path_, initdata_, guest_;
  base::Buffer event_log_;  ///< of the firmware, which is done when Linux runs; read while its file is in sight
};

}  // namespace guest
