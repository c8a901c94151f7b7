#pragma once
#include <vector>

#include "attestation/discovery.h"
#include "attestation/store.h"
#include "attestation/token.h"

/// The key a service signs tokens with, and those before it: a retired key stays published, and its tokens are
/// accepted, until the last of them has expired. Its private part is gone when the next one is current.
namespace attestation {

class TokenKeys {
 public:
  /// @param bundle the key of the service bundle: the current one, unless the store knows it and has a later one
  /// @param storage_key 32 bytes; later keys are stored sealed under it
  /// @throws Error{failure} when the stored key does not open under this storage key
  TokenKeys(Store& store, base::Bytes storage_key, TokenIssuer bundle, std::int64_t now_ms);

  [[nodiscard]] const TokenIssuer& current() const { return current_; }
  [[nodiscard]] std::string id() const;  ///< the current key's `kid` (RFC 7638)
  /// Makes `key` the current one, on disk before it returns. @param chain PEM certificates, leaf first
  /// @throws Error{failure} when the key is or was a token key already
  void rotate(const base::PrivateKey& key, std::string chain, std::int64_t now_ms);
  /// The current key first, then those whose tokens may still be valid.
  [[nodiscard]] std::vector<PublishedKey> published(std::int64_t now_ms) const;
  /// accepted_token() under any of published().
  [[nodiscard]] std::optional<TokenClaims> accepted(std::string_view token, std::string_view tenant,
                                                    std::int64_t now_ms) const;

 private:
  void put(const TokenIssuer& issuer, std::optional<base::SealedBox> sealed, std::int64_t now_ms);

  Store& store_;
  base::Secret storage_key_;
  TokenIssuer current_;
  std::vector<StoredTokenKey> known_;  ///< oldest first, the current one last
};

/// Why a certificate does not vouch for a token key: another key's, not under the tenant's CA, not valid at `now`
/// (seconds); nullopt when it does. @throws Error{malformed} when a certificate cannot be read
std::optional<std::string> token_certificate_problem(const std::string& certificate, const std::string& ca,
                                                     const base::PublicKey& key, std::int64_t now);

}  // namespace attestation
