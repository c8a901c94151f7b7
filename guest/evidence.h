#pragma once
#include "attestation/wire/kbs_client.h"
#include "guest/tpm.h"

namespace guest {

/// Evidence of the emulated TEE: quotes of both banks by the guest's own attestation key, and the event log.
class TpmEvidenceMaker final : public attestation::wire::EvidenceMaker {
 public:
  /// @param initdata the document, verbatim. @param event_log binary_bios_measurements
  TpmEvidenceMaker(const Tpm& tpm, std::string guest, std::string initdata, base::Buffer event_log)
      : tpm_(tpm), guest_(std::move(guest)), initdata_(std::move(initdata)), event_log_(std::move(event_log)) {}

  attestation::wire::InitData init_data() override { return {"toml", initdata_}; }
  attestation::wire::TpmEvidence evidence(base::Bytes report_data) override;

 private:
  const Tpm& tpm_;
  std::string guest_;
  std::string initdata_;
  base::Buffer event_log_;
};

}  // namespace guest
