#pragma once
#include <set>
#include <string>
#include <vector>

#include "base/json.h"

/// What the owners' approval still allows but somebody has taken back. A revocation only ever refuses.
namespace attestation {

struct Revocation {
  enum class Kind { image, chip, guest, owner_key };
  Kind kind = Kind::guest;
  /// image: a launch digest, MRTD, RTMR, PCR or event digest, 64 or 96 hexadecimal digits. chip: a chip's id (SNP) or
  /// a platform's PPID or instance id (TDX). guest: "worker/0". owner_key: SHA-256 of an approval key. Lower case.
  std::string value;
  std::string reason;        ///< a person's words, may be ""
  std::int64_t time_ms = 0;  ///< when it was made, milliseconds since the epoch

  /// @throws Error{malformed} for an unknown kind or a value that is none of its kind
  static Revocation parse(const base::Json& json);
  [[nodiscard]] base::Json json() const;
  /// "image 1f2e..: leaked" for logs and people.
  [[nodiscard]] std::string text() const;
};

/// "image", "chip", "guest", "ownerKey"
std::string_view name_of(Revocation::Kind kind) noexcept;

/// What one guest's evidence says that a revocation can name.
struct RevocableFacts {
  std::string guest;
  std::set<std::string> images;  ///< every digest of what was launched, lower-case hex
  std::set<std::string> chips;   ///< of the chip or platform, lower-case hex
  bool operator==(const RevocableFacts&) const = default;

  static RevocableFacts parse(const base::Json& json);
  [[nodiscard]] base::Json json() const;
};

/// Whether the revocation is of this guest, its image or its chip.
bool concerns(const Revocation& revocation, const RevocableFacts& facts);
/// "revoked: ..." for each that concerns the guest.
std::vector<std::string> revocation_problems(const std::vector<Revocation>& revocations, const RevocableFacts& facts);

}  // namespace attestation
