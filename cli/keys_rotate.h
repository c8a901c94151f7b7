#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "cli/console.h"

namespace cli {

/// The next key of the same kind as one that an owner has, which stays as it is: a service bundle, an owner's
/// identity, a CA's certificate, a public key. docs/owner-keys.md has what makes the next one count.
struct RotateKeyOptions {
  std::string old;                     ///< a service bundle (0600), or the certificate or public key of another kind
  std::string out;                     ///< the bundle, or OUT.key with OUT.pem or OUT.pub; nothing is replaced
  std::string ca;                      ///< of a bundle and an identity: CA.pem
  std::string ca_key;                  ///< a file or PKCS#11 URI; "" for CA.key beside CA.pem
  std::string token;                   ///< of a key that signs: a PKCS#11 URI, where the next one is made and stays
  bool other_ca = false;               ///< the tenant's CA itself was replaced: `ca` is not the one that OLD is under
  std::string url;                     ///< of a bundle from before there was one in it
  bool storage_key = false;            ///< of a bundle: a new storage key too; the old one stays in it as the previous
  std::optional<std::int64_t> days{};  ///< how long certificates are valid; else 365, of a CA 3650
};
int rotate_key(const RotateKeyOptions& options, Console& console);

}  // namespace cli
