#pragma once
#include <cstdint>
#include <string>

#include "cli/console.h"

namespace cli {

/// An owner's own key: approval (Ed25519), ID or author key (EC P-384). Writes OUT.key (0600) and OUT.pub.
struct OwnerKeyOptions {
  std::string out;
  std::string token{};  ///< approval, ID and author keys: a PKCS#11 URI; the key is made there and only OUT.pub written
};
struct ApprovalKeyOptions {
  std::string out;
  std::string token{};
  std::string algorithm = "ed25519";  ///< or "p384"
};
int make_approval_key(const ApprovalKeyOptions& options, Console& console);
int make_id_key(const OwnerKeyOptions& options, Console& console);
int make_author_key(const OwnerKeyOptions& options, Console& console);
/// The key that backups of a tenant's service are sealed to (EC P-256).
int make_backup_key(const OwnerKeyOptions& options, Console& console);
/// The key that guests seal a recovery key of each of their volumes to (EC P-256).
int make_recovery_key(const OwnerKeyOptions& options, Console& console);

/// The key that wraps a tenant's keys where their provider is a PKCS#11 token (AES-256), made in that token. Writes no
/// file.
struct WrappingKeyOptions {
  std::string token;  ///< a PKCS#11 URI
};
int make_wrapping_key(const WrappingKeyOptions& options, Console& console);

/// A tenant's CA (EC P-256): OUT.key (0600) and OUT.pem. It exists before any initdata, which pins it.
struct CaOptions {
  std::string tenant;
  std::string out;
  std::int64_t days = 3650;
  std::string token{};  ///< a PKCS#11 URI; the key is made there and only OUT.pem written
};
int make_ca(const CaOptions& options, Console& console);

/// The keys of a tenant's own attestation service under its CA, as one 0600 file handed to the operator apart from plan
/// and approval: {schema, tenant, tlsKey, tlsCertificate, tokenKey, storageKey}.
struct ServiceBundleOptions {
  std::string tenant;
  std::string url;  ///< https://ADDRESS:PORT as in the tenant file
  std::string ca;   ///< CA.pem
  std::string out;
  std::int64_t days = 365;
  std::string ca_key{};  ///< a file or PKCS#11 URI; "" for CA.key beside CA.pem
};
int make_service_bundle(const ServiceBundleOptions& options, Console& console);

/// The next key a tenant's service signs tokens with, certified by the tenant's CA, as one 0600 file for `bulkhead
/// service rotate`.
struct TokenKeyOptions {
  std::string tenant;
  std::string ca;  ///< CA.pem
  std::string out;
  std::int64_t days = 365;
  std::string ca_key{};  ///< a file or PKCS#11 URI; "" for CA.key beside CA.pem
};
int make_token_key(const TokenKeyOptions& options, Console& console);

/// Who an owner is to the tenant's service: OUT.key (0600) and OUT.pem under the tenant's CA.
struct OwnerIdentityOptions {
  std::string tenant;
  std::string ca;    ///< CA.pem
  std::string name;  ///< attestation::is_owner_name()
  std::string out;
  std::int64_t days = 365;
  std::string ca_key{};  ///< a file or PKCS#11 URI; "" for CA.key beside CA.pem
};
int make_owner_identity(const OwnerIdentityOptions& options, Console& console);

/// A service bundle with its owner's way to a KMS in it: the connection's document and all the files it names. The
/// bundle's other keys stay, so a credential is renewed like this too.
struct ConnectServiceOptions {
  std::string bundle;
  std::string kms;  ///< bulkhead.kms-connection/v1
  std::string out;
};
int connect_service(const ConnectServiceOptions& options, Console& console);

/// Prints a public key's or certificate's kind and SHA-256 fingerprint.
struct ShowKeyOptions {
  std::string file;  ///< or a PKCS#11 URI of a private key
  bool json = false;
};
int show_key(const ShowKeyOptions& options, Console& console);

}  // namespace cli
