#pragma once
#include <string>
#include <vector>

#include "base/json.h"
#include "base/signer.h"

/// Dead Simple Signing Envelope 1.0: a payload and any number of detached signatures over
/// "DSSEv1 SP LEN(type) SP type SP LEN(payload) SP payload".
/// Source: in-toto DSSE protocol 1.0.0, envelope 1.0.0.
namespace base {

struct Envelope {
  struct Signature {
    std::string key_id;  ///< lower-case hex SHA-256 of the key's SubjectPublicKeyInfo; a hint, never trusted
    Buffer signature;
  };
  std::string payload_type;
  std::string payload;
  std::vector<Signature> signatures;

  /// @throws Error{malformed} naming `name`
  static Envelope parse(std::string_view text, std::string_view name);
  [[nodiscard]] Json json() const;
};

/// What is signed (the pre-authentication encoding).
Buffer dsse_message(std::string_view payload_type, std::string_view payload);
/// Adds the signer's signature; replaces an older one by the same key.
void sign_envelope(Envelope& envelope, const Signer& signer);
/// Whether one of the signatures verifies under `key`.
bool signed_by(const Envelope& envelope, const PublicKey& key);

}  // namespace base
