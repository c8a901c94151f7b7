#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/digest.h"
#include "base/json.h"

/// What a guest's owners demand of the hardware below it, beside what it launched. It comes with the approval, one per
/// guest, and its default allows the least: VMPL 0, no debugging, no migration, an up-to-date platform.
namespace attestation {

/// The least security version of each part of an SNP TCB; what is absent may be anything.
struct LeastSnpTcb {
  std::optional<std::uint8_t> fmc, bootloader, tee, snp, microcode;
  bool operator==(const LeastSnpTcb&) const = default;
};

struct HardwarePolicy {
  bool debug = false;           ///< a host that may read the guest's memory
  bool migration = false;       ///< a migration agent or a service TD
  bool smt = true;              ///< sibling threads switched on in the host
  std::set<std::string> chips;  ///< chip ids (SNP), PPIDs or instance ids (TDX), lower-case hex; empty allows any

  std::uint32_t vmpl = 0;                          ///< SNP
  std::map<std::string, LeastSnpTcb> minimum_tcb;  ///< SNP, by product ("milan"); empty demands nothing
  bool provisional_firmware = false;               ///< SNP: firmware that may still be rolled back

  std::optional<base::Sha384> mr_owner, mr_owner_config;  ///< TDX; absent: zeros
  std::set<std::string> tcb_statuses{"UpToDate"};         ///< TDX: Intel's words that are good enough
  bool operator==(const HardwarePolicy&) const = default;

  /// @throws Error{malformed} naming the member
  static HardwarePolicy parse(const base::Json& json);
  /// Only what differs from the default; parse() is the inverse.
  [[nodiscard]] base::Json json() const;
};

}  // namespace attestation
