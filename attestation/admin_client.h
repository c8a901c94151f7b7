#pragma once
#include <memory>
#include <string>
#include <vector>

#include "attestation/service_state.h"
#include "attestation/wire/http_client.h"
#include "base/secret.h"

/// The administrator's side of a running service: over its Unix socket, or as an owner over TLS.
namespace attestation {

/// Which keys an act is about; nullopt: all that it can be about.
using KeyNames = std::optional<std::vector<std::string>>;

/// Keys that are no more.
struct ShreddedKeys {
  std::vector<std::string> names;
  std::string statement;  ///< what the service signed about it (destruction_statement.h)
};

/// Every function @throws Error{host} when nobody answers at the socket, Error{failure} with the service's own words
/// when it refuses.
class AdminClient {
 public:
  virtual ~AdminClient() = default;
  virtual ServiceState state() = 0;
  /// @param envelope a signed approval (DSSE JSON)
  virtual void put_approval(std::string_view envelope) = 0;
  /// @param guest "worker/0" @param key the attestation key's DER SubjectPublicKeyInfo
  virtual void enrol(const std::string& guest, base::Bytes key) = 0;
  virtual void revoke(const std::string& guest) = 0;
  /// The guest's latest accepted attestation, as it was sent: what wire::AttestRequest reads.
  virtual std::string evidence(const std::string& guest) = 0;
  /// @param document bulkhead.token-key/v1. @return the new key's id
  virtual std::string rotate_token_key(const base::Secret& document) = 0;
  /// @param recipient EC P-256, PEM. @return a sealed backup (backup.h)
  virtual std::string backup(const std::string& recipient) = 0;
  /// Takes back what the approval allows, at once. @param revocation its time is the service's
  virtual void put_revocation(const Revocation& revocation) = 0;
  virtual void lift_revocation(const Revocation& revocation) = 0;
  /// Has the service read the vendors' collateral anew; when it cannot, it keeps what it has and says why.
  virtual void reload_collateral() = 0;
  /// Begins the rotation of these keys ("worker/0/data"), or of every key in use. @return them as they are now
  virtual std::vector<KeyStanding> rotate_keys(const KeyNames& names) = 0;
  /// Ends the rotation of these keys, or of every rotating one, with the version of before.
  virtual std::vector<KeyStanding> abandon_rotations(const KeyNames& names) = 0;
  /// Erases what interrupted changes of keys left. @return the keys it was about
  virtual std::vector<KeyStanding> settle_keys() = 0;
  /// Revokes and destroys every key of the tenant; from then on the service gives nothing.
  virtual ShreddedKeys shred_keys() = 0;
};

/// A client that connects anew for each request. @param socket path of admin.sock
std::unique_ptr<AdminClient> make_admin_client(std::string socket);
/// An owner's: over TLS, to the address that guests use. @param ca PEM, the tenant's
/// @throws Error{malformed} when URL, CA or identity cannot be read
std::unique_ptr<AdminClient> make_owner_client(std::string_view url, std::string_view ca,
                                               const wire::ClientIdentity& identity);

}  // namespace attestation
