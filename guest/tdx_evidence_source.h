#pragma once
#include "base/crypto.h"
#include "guest/evidence_source.h"
#include "guest/linux_td_report.h"
#include "guest/tsm_report.h"

namespace guest {

/// Where Linux shows the log of what the firmware extended into RTMR0 to 2.
inline constexpr const char* cc_event_log_path = "/sys/firmware/acpi/tables/data/CCEL";

/// Quotes of the host's quoting enclave. MRCONFIGID says which initdata this TD was started with; the guest reads it
/// in a TDREPORT, since a quote comes through the host.
class TdxEvidenceSource final : public EvidenceSource {
 public:
  /// @param reporter of the provider "tdx_guest"
  TdxEvidenceSource(TsmReporter reporter, TdReport td_report, std::string event_log_path);
  void bind(std::string initdata) override;
  [[nodiscard]] std::string_view tee() const override { return "tdx"; }
  attestation::wire::InitData init_data() override { return {"toml", initdata_}; }
  base::Json primary_evidence(const base::Sha384& digest) override;
  /// One key for this boot: nothing in a quote tells one boot from another, so the service knows a TD by its key.
  [[nodiscard]] base::PrivateKey session_key() override { return key_; }

 private:
  TsmReporter reporter_;
  TdReport td_report_;
  std::string event_log_path_, initdata_;
  std::optional<base::Buffer> event_log_;  ///< read while its file is in sight; a firmware may have none
  base::PrivateKey key_ = base::PrivateKey::generate(base::PrivateKey::Type::p256);
};

}  // namespace guest
