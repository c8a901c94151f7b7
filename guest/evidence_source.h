#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "attestation/wire/kbs_client.h"
#include "base/units.h"

namespace guest {

/// What vouches for this guest: its processor's reports, or its TPM.
class EvidenceSource : public attestation::wire::EvidenceMaker {
 public:
  /// Is this the initdata that the guest was launched with? Asked once, before a byte of it is parsed. A TPM extends
  /// PCR 8 with its digests. @throws Error{not_attested} when it is not
  virtual void bind(std::string initdata) = 0;
  /// The name under which a TPM's evidence is appraised: "worker/0". Hardware says itself whose it is.
  virtual void name_guest(const std::string& /*guest*/) {}
};

/// PCR 8 takes the initdata digest. Source: Trustee's `tpm` attester and verifier (docs/attestation.md, "Evidence").
inline constexpr unsigned initdata_pcr = 8;

/// The source of this machine for a guest that believes in `tee`. Another kind of evidence is never made instead.
/// @param command_line the kernel's @param wait lets that much time pass
/// @throws Error{host} when the machine lacks what that takes
std::unique_ptr<EvidenceSource> open_evidence_source(base::Tee tee, const std::string& command_line,
                                                     const std::function<void(std::chrono::milliseconds)>& wait);

/// The 64 bytes of report data that carry a challenge's digest: zeros follow it.
base::Buffer padded_report_data(const base::Sha384& digest);
/// Compares digests of the initdata. @param field what holds the wanted one: "HOST_DATA"
/// @throws Error{not_attested} with both
void expect_initdata(const std::string& got, const std::string& wanted, const std::string& field);

}  // namespace guest
