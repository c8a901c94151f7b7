#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attestation/guest_ca.h"
#include "base/crypto.h"
#include "kms/connection.h"
#include "kms/file_store.h"
#include "kms/open_for_service.h"

/// The files in the state directory that bulkhead-attestd starts from.
namespace attestation {

/// The owner's way to a KMS, with all the files it names: the bundle's member `kms`.
struct BundledConnection {
  kms::Connection connection;
  std::map<std::string, base::Secret> files;  ///< by the names in the connection's document
  /// The certificate (PEM) that the service shows the KMS; "" where it shows none.
  [[nodiscard]] std::string certificate() const;
};

/// `bulkhead.service-bundle/v1`. Source: docs/architecture.md, "Service bundle".
struct ServiceBundle {
  base::Secret tls_key;  ///< PEM
  std::string tls_certificate;
  base::PrivateKey token_key;
  base::Secret storage_key;              ///< 32 bytes
  std::string url;                       ///< the service's URL, "" in bundles made before there was one
  std::string token_certificate;         ///< of the token key, under the tenant's CA; "" as above
  std::optional<GuestCa> guest_ca;       ///< nullopt as above, or when the tenant's CA leaves no room for it
  std::optional<BundledConnection> kms;  ///< nullopt: the embedded store
  std::optional<base::Secret> previous_storage_key{};  ///< 32 bytes; what files may still be under
  /// A key of its own for each purpose, derived from the storage key; 32 bytes.
  [[nodiscard]] base::Secret key_for(std::string_view purpose) const;
  /// The same with what the storage key before this one derives, where there is one.
  [[nodiscard]] kms::KeyEncryptionKeys keys_for(std::string_view purpose) const;
  /// @throws Error{malformed}, also for another tenant's bundle; Error{failure} for one that is sealed to a TPM
  static ServiceBundle parse(const base::Secret& text, std::string_view tenant);
};

/// `bulkhead.token-key/v1`: {"schema","tenant","tokenKey","tokenCertificate"}, a key for rotation, made by `bulkhead
/// keys token`.
struct TokenKeyDocument {
  base::PrivateKey key;     ///< EC P-256
  std::string certificate;  ///< PEM, under the tenant's CA
  /// @throws Error{malformed}, also for another tenant's
  static TokenKeyDocument parse(const base::Secret& text, std::string_view tenant);
};

/// config.json: {"approvalKeys":[pem..],"ca":pem,"kms":kms::Place or absent}
struct ServiceConfig {
  std::vector<base::PublicKey> approval_keys;
  std::string ca;
  std::optional<kms::Place> kms;  ///< where the owners approved the keys to be; nullopt: the embedded store
  static ServiceConfig parse(std::string_view text);
};

/// The embedded store: keys.sqlite in the state directory, made when there is none. One that is still under the storage
/// key before the bundle's is brought under the bundle's, whole or not at all.
/// @throws Error{failure} when it is open elsewhere, another tenant's, under another bundle's storage key, or changed
kms::FileStore open_key_store(const ServiceBundle& bundle, const std::string& tenant, const std::string& state);

/// The name of the state directory's file with records of keys; "" where a KMS has the records too.
std::string key_file_of(const ServiceConfig& config);

/// The tenant's keys: the embedded store; or the KMS that was approved, which is asked at the first use, and
/// bulkhead-kms.so is loaded for it; or, where guests ask that themselves, the records of their keys and no key.
/// @throws Error{failure} as open_key_store(), and when bundle and configuration do not agree on a KMS, or the state
/// directory has keys of the embedded store and a KMS is wanted
kms::OpenedKeys open_keys(const ServiceBundle& bundle, const ServiceConfig& config, const std::string& tenant,
                          const std::string& state);

}  // namespace attestation
