#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/crypto.h"

/// X.509 certificates and revocation lists that somebody else issued: the vendors' of SNP and TDX (openssl_x509.cpp).
/// base/certificate.h makes a tenant's own. Whether they are to be believed is base/certificate_chain.h's question.
namespace base {

/// One parsed certificate. Copies share it.
class X509Certificate {
 public:
  /// @param der one certificate of at most 64 KiB and nothing after it
  /// @throws Error{malformed} naming `name`, also when an extension is there twice (RFC 5280, section 4.2)
  static X509Certificate from_der(Bytes der, std::string_view name);
  [[nodiscard]] Bytes der() const noexcept;
  [[nodiscard]] Sha256 fingerprint() const;  ///< SHA-256 of der()
  /// RFC 2253 text, most significant part last, everything but printable ASCII escaped: "CN=SEV-VCEK,O=..".
  [[nodiscard]] std::string subject() const;
  [[nodiscard]] std::string issuer() const;
  /// The subject's CN as UTF-8; empty when it has none, or several.
  [[nodiscard]] std::string common_name() const;
  [[nodiscard]] Buffer serial() const;                     ///< magnitude, big-endian, without leading zeros; {0} for 0
  [[nodiscard]] std::int64_t not_before() const noexcept;  ///< seconds since the epoch; both ends are valid
  [[nodiscard]] std::int64_t not_after() const noexcept;
  /// @throws Error{malformed} when it is no key that PublicKey knows
  [[nodiscard]] PublicKey public_key() const;
  /// The content of the extension's OCTET STRING, which should be DER but is what the vendor put there.
  /// @param oid dotted: "1.3.6.1.4.1.3704.1.4". @returns nullopt when the certificate has no such extension
  [[nodiscard]] std::optional<Buffer> extension(const std::string& oid) const;

  struct State;
  explicit X509Certificate(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  [[nodiscard]] const State& state() const { return *state_; }

 private:
  std::shared_ptr<const State> state_;
};

/// One parsed certificate revocation list. Copies share it.
class X509RevocationList {
 public:
  /// @param der one list of at most 16 MiB and nothing after it. @throws Error{malformed} naming `name`
  static X509RevocationList from_der(Bytes der, std::string_view name);
  [[nodiscard]] Bytes der() const noexcept;
  [[nodiscard]] Sha256 fingerprint() const;
  [[nodiscard]] std::string issuer() const;
  [[nodiscard]] std::int64_t this_update() const noexcept;
  [[nodiscard]] std::optional<std::int64_t> next_update() const noexcept;
  [[nodiscard]] std::size_t size() const;  ///< how many certificates are revoked
  /// The extension cRLNumber, big-endian magnitude; nullopt when the list has none.
  [[nodiscard]] std::optional<Buffer> number() const;

  struct State;
  explicit X509RevocationList(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  [[nodiscard]] const State& state() const { return *state_; }

 private:
  std::shared_ptr<const State> state_;
};

/// What one file or message brought, each kind in its order there.
struct X509Objects {
  std::vector<X509Certificate> certificates;
  std::vector<X509RevocationList> revocation_lists;
};

/// Reads one DER certificate, one DER revocation list, or PEM with any number of both. Text around PEM blocks and NULs
/// after them are ignored (RFC 7468, section 2; quotes end their chain with a NUL).
/// @throws Error{malformed} naming `name`: neither, a PEM block of another kind, or more than 1024 blocks
X509Objects parse_x509(Bytes bytes, std::string_view name);

}  // namespace base
