#pragma once
#include <optional>
#include <string>

#include "attestation/revocation.h"

/// One guest, one life: at any time the service's tokens, secrets and certificates are good for one boot of a guest.
namespace attestation {

/// How long a lease holds without a new attestation, and when a guest should attest again, in seconds.
inline constexpr std::int64_t lease_seconds = 900;
inline constexpr std::int64_t reattest_seconds = 300;

/// Which boot of which machine the evidence is of, as far as the hardware tells.
struct Life {
  std::string id;  ///< equal exactly for evidence of one boot; "" for a boot that no evidence can be of
  /// Counts boots where the hardware does (a TPM: resetCount, restartCount). A TPM adds a constant to both for keys
  /// outside its endorsement hierarchy, so they are compared as differences modulo 2^32.
  struct Counter {
    std::uint32_t resets = 0, restarts = 0;
    bool operator==(const Counter&) const = default;
  };
  std::optional<Counter> counter;
  std::uint64_t clock = 0;  ///< runs forward within a life, in milliseconds; 0 where there is none

  /// A life told apart by the TPM's own counters.
  static Life of_tpm(const Counter& counter, std::uint64_t clock);
};

struct Lease {
  std::int64_t boot = 1;  ///< lives of this guest that the service has seen, this one included
  Life life;
  RevocableFacts facts;  ///< what runs in this life, for revocations that come later
  std::int64_t since_ms = 0, renewed_ms = 0, until_ms = 0;
  std::string ended;  ///< why it ended before its time; "" while it has not

  [[nodiscard]] bool holds(std::int64_t now_ms) const { return ended.empty() && now_ms < until_ms; }
  static Lease parse(const base::Json& json);
  [[nodiscard]] base::Json json() const;
};

/// Why a genuine and approved guest may not have the lease: its evidence is of an earlier boot, of a copy of this boot,
/// or of another boot while nothing says that the one holding the lease is over. nullopt when it may.
std::optional<std::string> lease_problem(const std::optional<Lease>& earlier, const Life& life, std::int64_t now_ms);
/// The lease after that attestation: the same one renewed, or the next boot's.
Lease next_lease(const std::optional<Lease>& earlier, const Life& life, const RevocableFacts& facts,
                 std::int64_t now_ms);

}  // namespace attestation
