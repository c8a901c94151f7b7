#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/crypto.h"
#include "base/json.h"

/// What one tenant's service remembers besides the tenant's keys: enrolled attestation keys, the latest verdict, the
/// latest accepted evidence and the lease of each guest, revocations, token keys.
namespace attestation {

/// A key that tokens are or were signed with.
struct StoredTokenKey {
  base::Buffer public_key;                ///< DER SubjectPublicKeyInfo
  std::string chain;                      ///< PEM certificates, leaf first; may be ""
  std::optional<base::SealedBox> sealed;  ///< its private part; none of a retired key and of the service bundle's
  std::optional<std::int64_t> retired_ms;
};

/// Which copy of its database a service runs on: each restore from a backup begins the next one.
struct Generation {
  std::int64_t number = 1;
  std::int64_t since_ms = 0;  ///< tokens from before are good for nothing; 0 for a service that was never restored
};

/// What an accepted attestation leaves.
struct Attested {
  base::Json lease, verdict;
  std::string evidence;  ///< as it was sent
};

class Store {
 public:
  virtual ~Store() = default;
  /// Every enrolled key (DER SubjectPublicKeyInfo) by guest.
  virtual std::map<std::string, base::Buffer> enrolled_keys() = 0;
  /// Replaces an older key of the guest. @throws Error{failure} when the key belongs to another guest
  virtual void enrol(const std::string& guest, base::Bytes key) = 0;
  virtual void revoke(const std::string& guest) = 0;  ///< no effect when none is enrolled

  virtual std::map<std::string, base::Json> verdicts() = 0;  ///< by guest
  virtual void put_verdict(const std::string& guest, const base::Json& verdict) = 0;
  virtual void forget_verdict(const std::string& guest) = 0;

  /// The latest accepted attestation of the guest, as it was sent; nullopt before the first.
  virtual std::optional<std::string> evidence(const std::string& guest) = 0;
  virtual void put_attested(const std::string& guest, const Attested& attested) = 0;  ///< all of it or nothing

  virtual std::map<std::string, base::Json> leases() = 0;  ///< by guest
  virtual std::optional<base::Json> lease(const std::string& guest) = 0;
  virtual void put_lease(const std::string& guest, const base::Json& lease) = 0;

  virtual std::vector<StoredTokenKey> token_keys() = 0;  ///< oldest first; the last one is current
  /// Makes `key` the current one; all others are retired at `now_ms` and lose their private parts, in one step.
  virtual void put_token_key(const StoredTokenKey& key, std::int64_t now_ms) = 0;

  /// The whole database as a file has it, for a backup.
  virtual base::Buffer content() = 0;

  virtual Generation generation() = 0;
  virtual void put_generation(const Generation& generation) = 0;

  /// The highest tcbEvaluationDataNumber that evidence was accepted with, by document.
  virtual std::map<std::string, std::int64_t> evaluation_numbers() = 0;
  virtual void put_evaluation_number(const std::string& document, std::int64_t number) = 0;

  virtual std::vector<base::Json> revocations() = 0;
  virtual void put_revocation(const base::Json& revocation) = 0;  ///< of its members "kind" and "value", once
  virtual void lift_revocation(const std::string& kind, const std::string& value) = 0;
};

/// A SQLite database. @param path a file, made when needed, or ":memory:" @param vfs SQLite's file layer by name
/// @throws Error{failure} naming the path when it cannot be opened, or when an earlier version kept secrets in it
std::unique_ptr<Store> open_sqlite_store(const std::string& path, const char* vfs = nullptr);

}  // namespace attestation
