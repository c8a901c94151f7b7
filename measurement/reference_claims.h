#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "measurement/measure.h"

namespace measurement {

/// Whose hardware (or TPM) reports the registers.
enum class Platform { sev, sev_es, snp, tdx, cca, tpm };

/// One register and the values a verifier should accept in it.
struct ReferenceRegister {
  /// One state of the register: its digests, one for each algorithm the platform hashes with. 32 bytes are SHA-256, 48
  /// SHA-384, 64 SHA-512.
  using State = std::vector<base::Buffer>;
  std::string name;           ///< as the platform calls it: "MEASUREMENT", "MRTD", "RTMR1", "PCR4"
  std::vector<State> states;  ///< alternatives, at least one
};

/// The least firmware levels of an SNP host; nullopt where none is demanded. Each is one byte.
/// Source: AMD 56860 revision 1.57, TCB_VERSION.
struct TcbLevels {
  std::optional<unsigned> bootloader, tee, snp, microcode;
  bool operator==(const TcbLevels&) const = default;
};

/// What to accept of the guests of one launch configuration, in no verifier's own format. The registers of several vCPU
/// counts, or of several outcomes of one boot, are alternatives.
struct ReferenceClaims {
  Platform platform = Platform::snp;
  std::vector<ReferenceRegister> registers;
  std::optional<std::uint64_t> policy;  ///< the SNP guest policy
  TcbLevels minimum_tcb = {};           ///< of an SNP host
  std::uint32_t svn = 0;                ///< the owner's security version number (SNP: guest SVN)
  /// Digests of single events that Trustee's policy for TDX looks up: "kernel", "command line"; lower-case hexadecimal.
  std::optional<std::string> kernel_event, command_line_event;
};

/// The claims of one register with one digest a state.
ReferenceClaims claims_of(Platform platform, std::string register_name, const std::vector<base::Bytes>& digests);
/// The claims of one measured guest.
ReferenceClaims claims_of(const Measurement& measurement);
/// The claims of a TD: MRTD and the RTMRs that are known.
ReferenceClaims claims_of(const TdPrediction& prediction);
/// The claims of an emulated guest's boot: every PCR that is known, in every outcome.
ReferenceClaims claims_of(const Prediction& boot);
/// Adds the states of `more` that `to` lacks. @pre same platform
/// @throws base::Error{failure} when policy, least TCB or SVN differ
void add_claims(ReferenceClaims& to, const ReferenceClaims& more);

/// Every digest on a line of its own, in lower-case hexadecimal; the register's name before it where there are several
/// registers.
std::string hex_lines(const ReferenceClaims& claims);

/// A registration message for Trustee's Reference Value Provider Service: type "sample", with the names the default
/// policy of its attestation service looks up. The service keeps the last message of a name, so all alternatives are in
/// one. The policy looks a TCB level up in a list, so a least level is every level from it to 255.
/// "values" repeats the payload in the clear; the service ignores it.
/// @throws base::Error{usage} for a platform the default policy has no names for: SEV, SEV-ES and CCA
base::Json rvps_message(const ReferenceClaims& claims);

}  // namespace measurement
