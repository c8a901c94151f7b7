#pragma once
#include <cstdint>
#include <optional>

namespace kms {

/// How long a credential is good for, as its server says.
struct CredentialTerm {
  std::optional<std::int64_t> seconds;  ///< from now on; nullopt: without end
  std::int64_t granted = 0;             ///< seconds that it is given at a time, or was made for; 0 when not known
  bool renewable = false;
};

/// A credential with which keys are reached and which may end by itself. Both members ask the server.
class Credential {
 public:
  virtual ~Credential() = default;
  /// @throws Error with the provider's words
  virtual CredentialTerm look() = 0;
  /// Has it live longer. @throws Error likewise
  virtual CredentialTerm renew() = 0;
};

}  // namespace kms
