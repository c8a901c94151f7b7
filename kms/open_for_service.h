#pragma once
#include <optional>
#include <string>

#include "kms/credential.h"
#include "kms/file_records.h"
#include "kms/open_connection.h"
#include "kms/place.h"

/// A tenant's keys for the tenant's own attestation service, whose owner gave it the connection (its bundle).
namespace kms {

struct OpenedKeys {
  KeyStore keys;
  FileRecords* records = nullptr;  ///< of `keys`, and as long-lived; nullptr where the provider has the records too
  /// What may end and has to be kept alive: a token that was given. It is used as `keys` are. nullptr where a
  /// credential has no life of its own, or another one is made at each login.
  std::unique_ptr<Credential> credential{};
  bool key_changed = false;  ///< the records' file was still under the key before, and is no more
};

/// The file in which a service keeps its records itself, instead of the `store` and `keyFile` of the document.
struct ServiceRecords {
  std::string path;
  KeyEncryptionKeys keys;  ///< a token's file is under a key of the token instead
};

/// Why no service can work with the connection: a credential that is used up at its first use or that nobody makes
/// anew, a program of the host's to load. nullopt when one can.
std::optional<std::string> unfit_for_service(const Connection& connection);

/// Opens what the connection leads to, which must be what the owners approved. A server is asked at the first use, each
/// request is given four seconds.
/// @throws Error{failure} when it leads elsewhere or is unfit, with every reason
OpenedKeys open_for_service(const Connection& connection, const ConnectionFiles& files, const Place& approved,
                            ServiceRecords records, const Transports& transports);

}  // namespace kms
