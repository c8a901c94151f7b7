#pragma once
#include <optional>
#include <string>
#include <vector>

#include "attestation/service_state.h"
#include "provisioner/plan.h"

namespace provisioner {

/// `lapsed` and `ended` were attested in this boot, but no longer hold their lease at the service. `owners`: it runs,
/// and the verdict is its owner's to ask for, at her own service.
enum class Standing { attested, refused, never_attested, lapsed, ended, off, owners };
const char* name_of(Standing standing) noexcept;

/// One guest as `attest` and `status` show it.
struct GuestStanding {
  base::TenantId tenant;
  std::string pool, guest, domain, network;
  bool defined = true;  ///< whether the host has its domain; false for one that only the plan has
  bool running = false;
  bool fenced = false;  ///< whether it is cut off at its tenant's router (fence.h)
  Standing standing = Standing::never_attested;
  std::optional<bool> as_predicted;  ///< whether what it reported is what the plan predicted; nullopt when unknown
  std::vector<std::string> reasons;
  std::optional<attestation::LeaseState> lease;  ///< which boot the service's answers are for; nullopt without one
  base::Json pcrs;                               ///< {bank: {number: hex}} as quoted for the verdict; null without one
  base::Json claims;                             ///< what the guest's token states; null when it is not attested
  std::string console_log;
  std::string service{};  ///< URL of its owner's service; "" when this host has it
};

/// Joins what the host and the service say. A verdict counts only when it is newer than the guest's boot, and as
/// attested only while the guest holds its lease; of a guest that is off a refusal counts, because a refused guest
/// stops.
/// @param state nullopt when the service does not answer. @param plan for the prediction; may be nullptr
std::vector<GuestStanding> standings(const base::TenantId& tenant, const std::vector<GuestRuntime>& guests,
                                     const std::optional<attestation::ServiceState>& state, const Plan* plan);

/// Whether every guest has its verdict, good or bad, or is off (a refused guest stops), so that waiting longer changes
/// nothing.
bool settled(const std::vector<GuestStanding>& guests);
/// Whether there is a guest and every one is attested and reported what was predicted.
bool all_attested(const std::vector<GuestStanding>& guests);

/// tenant, pool, guest, network, predicted = reported, life, verdict; then the reasons, and whom to ask for verdicts
/// that are an owner's.
std::string standings_table(const std::vector<GuestStanding>& guests);
/// The claims of each attested guest's token, a line each, below its name.
std::string claims_text(const std::vector<GuestStanding>& guests);
base::Json standings_json(const std::vector<GuestStanding>& guests);

}  // namespace provisioner
