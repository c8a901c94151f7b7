#pragma once
#include <map>
#include <optional>
#include <string>

#include "base/crypto.h"

namespace attestation {

/// The sessions of one tenant's service: five minutes each, one attestation each, at most 2048 at once and 64 of one
/// source, so that one guest cannot keep the others out. When there is no room, the oldest whose attestation is over
/// gives way: what it would still be good for, its guest can ask for with the token, or with a session of its own.
class SessionTable {
 public:
  /// @param nonce_key binds nonces to this tenant and service, 32 bytes
  SessionTable(std::string tenant, base::Secret nonce_key)
      : tenant_(std::move(tenant)), nonce_key_(std::move(nonce_key)) {}

  struct Session {
    std::string source;  ///< address that asked for it
    std::string tee;     ///< kind of evidence announced
    std::string nonce;
    std::int64_t expires_ms = 0;
    bool used = false;
    std::string token;  ///< once attested
  };
  /// Starts a session. @return its id (a random UUID, 32 hexadecimal digits); nullopt when there are too many
  std::optional<std::string> start(const std::string& source, const std::string& tee, std::int64_t now_ms);
  /// How many have not expired.
  [[nodiscard]] std::size_t count(std::int64_t now_ms);
  /// nullptr when unknown or expired.
  Session* find(const std::string& id, std::int64_t now_ms);
  /// Whether the nonce was made by this service for this session: base64 of 16 random bytes and the first 16 of
  /// HMAC-SHA-256(key, random || session || tenant).
  [[nodiscard]] bool made_here(const std::string& nonce, const std::string& id) const;

 private:
  /// False when every session still waits for its attestation.
  bool make_room();
  void forget_expired(std::int64_t now_ms);
  [[nodiscard]] base::Buffer mac(base::Bytes random, const std::string& id) const;
  std::string tenant_;
  base::Secret nonce_key_;
  std::map<std::string, Session> sessions_;
};

}  // namespace attestation
