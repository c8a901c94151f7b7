#pragma once
#include <string>

#include "kms/credential.h"

/// When a credential is looked at, renewed and spoken of. Pure: times are milliseconds since the epoch.
namespace kms {

/// It is looked at once. One that can be renewed is, when half of what is left to it is over; what fails is tried again
/// after 1, 2, 4 .. seconds, ten minutes at most, and sooner when its end is near.
class CredentialLife {
 public:
  enum class Act { nothing, look, renew };

  explicit CredentialLife(std::int64_t now) : ask_at_(now) {}

  /// What is to be done now.
  [[nodiscard]] Act act(std::int64_t now) const;
  /// When there is next something to do or to say, which may be over; nullopt: never.
  [[nodiscard]] std::optional<std::int64_t> next() const;

  void looked_at(std::int64_t now, const CredentialTerm& term);
  void renewed(std::int64_t now, const CredentialTerm& term);
  /// @param problem why it could not be looked at or renewed; what was known of its end stays
  void failed(std::int64_t now, const std::string& problem);

  /// When it ends; nullopt: not known, or never.
  [[nodiscard]] const std::optional<std::int64_t>& ends() const noexcept { return ends_; }
  /// Whether nothing averts its end as things are, and that is less than a week off, or less than half of its life.
  [[nodiscard]] bool is_ending(std::int64_t now) const;
  /// Whether that is to be said: once, and again when it ends after it was averted.
  bool say_that_it_ends(std::int64_t now);
  /// Why the last request failed; "" when it did not.
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

 private:
  void heard(std::int64_t now, const CredentialTerm& term);
  [[nodiscard]] bool can_be_renewed() const { return renewable_ && !at_its_limit_; }
  [[nodiscard]] bool is_averted() const { return can_be_renewed() && problem_.empty(); }
  [[nodiscard]] std::int64_t warned_at() const;

  bool known_ = false, renewable_ = false;
  bool said_ = false;
  bool at_its_limit_ = false;  ///< the server lets it live no longer, although it renews it
  std::optional<std::int64_t> ends_, ask_at_;
  std::int64_t heard_at_ = 0, granted_ms_ = 0;
  unsigned failures_ = 0;
  std::string problem_;
};

}  // namespace kms
