#pragma once
#include "attestation/wire/tpm_evidence.h"
#include "guest/evidence_source.h"
#include "guest/tss2_tpm.h"

namespace guest {

/// Where Linux shows the firmware's event log.
inline constexpr const char* tpm_event_log_path = "/sys/kernel/security/tpm0/binary_bios_measurements";

/// Quotes of both PCR banks and the event log they are read with.
class TpmEvidenceSource final : public EvidenceSource {
 public:
  /// @param command_line the kernel's, which has the digest of the initdata
  TpmEvidenceSource(Tpm tpm, std::string event_log_path, std::string command_line);
  void bind(std::string initdata) override;
  void name_guest(const std::string& guest) override { guest_ = guest; }
  attestation::wire::InitData init_data() override { return {"toml", initdata_}; }
  [[nodiscard]] std::string_view tee() const override { return "tpm"; }
  base::Json primary_evidence(const base::Sha384& digest) override;
  /// Quotes with `report_data` (32 bytes) as qualifying data.
  attestation::wire::TpmEvidence evidence(base::Bytes report_data);

 private:
  Tpm tpm_;
  std::string event_log_path_, command_line_, initdata_, guest_;
  base::Buffer event_log_;  ///< of the firmware, which is done when Linux runs; read while its file is in sight
};

}  // namespace guest
