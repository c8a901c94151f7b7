#pragma once
#include <memory>
#include <string>

#include "base/digest.h"
#include "base/secret.h"

/// Cryptography behind plain types; OpenSSL 3 does all of it (openssl_crypto.cpp). Failures of the library itself, such
/// as running out of entropy, throw Error{failure}; input that is not what it must be throws Error{malformed}.
namespace base {

Sha256 sha256(Bytes bytes);
Sha384 sha384(Bytes bytes);
/// SHA-1 (20 bytes): only to read event logs and UUIDv5, never for security.
Buffer sha1(Bytes bytes);

/// A running hash for data that does not fit memory at once.
class Hasher {
 public:
  enum class Algorithm { sha256, sha384, sha512 };
  explicit Hasher(Algorithm algorithm);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  void update(Bytes bytes);
  /// The digest of what was hashed up to now; the hasher goes on.
  [[nodiscard]] Buffer so_far() const;
  /// The digest (32, 48 or 64 bytes); the hasher is spent.
  Buffer finish() &&;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Buffer hmac_sha256(Bytes key, Bytes message);
Secret random_secret(std::size_t size);
Buffer random_bytes(std::size_t size);

/// AES-256-GCM with a 12-byte nonce and a 16-byte tag. @param key 32 bytes
struct SealedBox {
  Buffer nonce, ciphertext, tag;
};
SealedBox seal_aes256_gcm(Bytes key, Bytes plaintext, Bytes associated_data);
/// @throws Error{failure} when the tag does not verify
Secret open_aes256_gcm(Bytes key, const SealedBox& box, Bytes associated_data);

/// RFC 3394 key wrap; the key-encryption key has 32 bytes, the wrapped text 8 more than the key.
Buffer wrap_aes256(Bytes kek, Bytes key);
Secret unwrap_aes256(Bytes kek, Bytes wrapped);

/// An EC P-256 key pair for ECDH, as KBS guests use it.
class EcdhKey {
 public:
  EcdhKey();  ///< a fresh key
  /// An existing key. @throws Error{malformed} when it is not on P-256
  explicit EcdhKey(const class PrivateKey& key);
  ~EcdhKey();
  EcdhKey(EcdhKey&&) noexcept;
  EcdhKey& operator=(EcdhKey&&) noexcept;
  /// The public point's coordinates, 32 bytes each, big-endian.
  struct Point {
    std::array<std::uint8_t, 32> x{}, y{};
    bool operator==(const Point&) const = default;
  };
  [[nodiscard]] Point point() const;
  /// The x-coordinate of the shared point, 32 bytes. @throws Error{malformed} when `peer` is not on the curve
  [[nodiscard]] Secret shared_secret(const Point& peer) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A public key of any kind OpenSSL verifies with here: Ed25519, EC P-256/P-384, RSA.
class PublicKey {
 public:
  /// @throws Error{malformed} naming `name` when the text is no PEM SubjectPublicKeyInfo
  static PublicKey from_pem(std::string_view pem, std::string_view name);
  static PublicKey from_der(Bytes der, std::string_view name);
  /// An RSA key from its numbers, as a TPM gives them. @param modulus big-endian. @throws Error{malformed} when it is
  /// no key
  static PublicKey from_rsa(Bytes modulus, std::uint32_t exponent);
  [[nodiscard]] Buffer der() const;  ///< SubjectPublicKeyInfo
  [[nodiscard]] std::string pem() const;
  [[nodiscard]] Sha256 fingerprint() const;     ///< SHA-256 of der()
  [[nodiscard]] std::string algorithm() const;  ///< "Ed25519", "EC P-256", "EC P-384", "RSA 2048"
  /// Verifies with the hash the key calls for: none for Ed25519, SHA-256 for P-256 and RSA (PKCS#1 v1.5), SHA-384 for
  /// P-384. EC signatures are DER. Never throws for a wrong signature.
  [[nodiscard]] bool verifies(Bytes message, Bytes signature) const;
  /// ES256 of JOSE: EC P-256, signature r||s of 64 bytes.
  [[nodiscard]] bool verifies_es256(Bytes message, Bytes signature) const;
  /// The public point of an EC P-256 key. @throws Error{malformed} for another kind of key
  [[nodiscard]] EcdhKey::Point p256_point() const;

  struct State;
  explicit PublicKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  [[nodiscard]] const State& state() const { return *state_; }

 private:
  std::shared_ptr<const State> state_;
};

/// A private key in this process. Owners' keys may also live behind Signer (base/signer.h).
class PrivateKey {
 public:
  enum class Type { ed25519, p256, p384 };
  static PrivateKey generate(Type type);
  /// @param pem PKCS#8, unencrypted. @throws Error{malformed} naming `name`
  static PrivateKey from_pem(std::string_view pem, std::string_view name);
  [[nodiscard]] Secret pem() const;  ///< PKCS#8
  [[nodiscard]] PublicKey public_key() const;
  /// The inverse of PublicKey::verifies. Ed25519 is deterministic; ECDSA only with OpenSSL 3.2 or later (RFC 6979).
  [[nodiscard]] Buffer sign(Bytes message) const;
  [[nodiscard]] Buffer sign_es256(Bytes message) const;

  struct State;
  explicit PrivateKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  [[nodiscard]] const State& state() const { return *state_; }

 private:
  std::shared_ptr<const State> state_;
};

}  // namespace base
