#include "attestation/store.h"
#include "base/error.h"
#include "base/sqlite_database.h"

namespace attestation {
namespace {

using base::SqliteStatement;

// A write-ahead log takes one sync for a change where a rollback journal takes four. Exclusive locking keeps its index
// in this process's memory.
constexpr const char* settings =
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;";
constexpr const char* schema =
    "CREATE TABLE IF NOT EXISTS enrolments(guest TEXT PRIMARY KEY, key BLOB NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE IF NOT EXISTS verdicts(guest TEXT PRIMARY KEY, verdict TEXT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS evidence(guest TEXT PRIMARY KEY, attestation TEXT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS leases(guest TEXT PRIMARY KEY, lease TEXT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS token_keys(number INTEGER PRIMARY KEY AUTOINCREMENT, public BLOB NOT NULL UNIQUE,"
    " chain TEXT NOT NULL, nonce BLOB, ciphertext BLOB, tag BLOB, retired INTEGER) STRICT;"
    "CREATE TABLE IF NOT EXISTS generations(number INTEGER PRIMARY KEY, since INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS evaluation_numbers(document TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS revocations(kind TEXT NOT NULL, value TEXT NOT NULL, revocation TEXT NOT NULL,"
    " PRIMARY KEY(kind, value)) STRICT;";

class SqliteStore final : public Store {
 public:
  SqliteStore(const std::string& path, const char* vfs) : database_("service database", path, vfs) {
    database_.execute(settings);
    refuse_earlier_secrets(path);
    base::SqliteTransaction making(database_);
    database_.execute(schema);
    making.commit();
  }

  std::map<std::string, base::Buffer> enrolled_keys() override {
    std::map<std::string, base::Buffer> keys;
    SqliteStatement rows(database_, "SELECT guest, key FROM enrolments");
    while (rows.step()) keys[rows.column_text(0)] = rows.column(1);
    return keys;
  }
  void enrol(const std::string& guest, base::Bytes key) override {
    for (const auto& [other, known] : enrolled_keys()) {
      if (other == guest || !base::equal_in_constant_time(known, key)) continue;
      throw base::Error(base::Kind::failure, "attestation key of " + guest + ": already enrolled for " + other);
    }
    SqliteStatement(database_, "INSERT OR REPLACE INTO enrolments VALUES(?, ?)").text(guest).blob(key).step();
  }
  void revoke(const std::string& guest) override {
    SqliteStatement(database_, "DELETE FROM enrolments WHERE guest = ?").text(guest).step();
  }

  std::map<std::string, base::Json> verdicts() override {
    return documents("SELECT guest, verdict FROM verdicts", "stored verdict");
  }
  void put_verdict(const std::string& guest, const base::Json& verdict) override {
    SqliteStatement(database_, "INSERT OR REPLACE INTO verdicts VALUES(?, ?)")
        .text(guest)
        .text(verdict.compact())
        .step();
  }
  void forget_verdict(const std::string& guest) override {
    SqliteStatement(database_, "DELETE FROM verdicts WHERE guest = ?").text(guest).step();
  }

  std::optional<std::string> evidence(const std::string& guest) override {
    SqliteStatement row(database_, "SELECT attestation FROM evidence WHERE guest = ?");
    if (!row.text(guest).step()) return std::nullopt;
    return row.column_text(0);
  }
  void put_attested(const std::string& guest, const Attested& attested) override {
    base::SqliteTransaction all_or_nothing(database_);
    put_lease(guest, attested.lease);
    put_verdict(guest, attested.verdict);
    SqliteStatement(database_, "INSERT OR REPLACE INTO evidence VALUES(?, ?)")
        .text(guest)
        .text(attested.evidence)
        .step();
    all_or_nothing.commit();
  }

  std::map<std::string, base::Json> leases() override {
    return documents("SELECT guest, lease FROM leases", "stored lease");
  }
  std::optional<base::Json> lease(const std::string& guest) override {
    SqliteStatement row(database_, "SELECT lease FROM leases WHERE guest = ?");
    if (!row.text(guest).step()) return std::nullopt;
    return base::Json::parse(row.column_text(0), "stored lease");
  }
  void put_lease(const std::string& guest, const base::Json& lease) override {
    SqliteStatement(database_, "INSERT OR REPLACE INTO leases VALUES(?, ?)").text(guest).text(lease.compact()).step();
  }

  std::vector<StoredTokenKey> token_keys() override {
    std::vector<StoredTokenKey> keys;
    SqliteStatement rows(database_,
                         "SELECT public, chain, nonce IS NOT NULL, nonce, ciphertext, tag, retired IS NOT NULL, retired"
                         " FROM token_keys ORDER BY number");
    while (rows.step()) {
      StoredTokenKey key{rows.column(0), rows.column_text(1), std::nullopt, std::nullopt};
      if (rows.column_integer(2) != 0) key.sealed = {rows.column(3), rows.column(4), rows.column(5)};
      if (rows.column_integer(6) != 0) key.retired_ms = rows.column_integer(7);
      keys.push_back(std::move(key));
    }
    return keys;
  }
  void put_token_key(const StoredTokenKey& key, std::int64_t now_ms) override {
    base::SqliteTransaction all_or_nothing(database_);
    SqliteStatement(database_, "DELETE FROM token_keys WHERE public = ?").blob(key.public_key).step();
    database_.execute("UPDATE token_keys SET nonce = NULL, ciphertext = NULL, tag = NULL");
    SqliteStatement(database_, "UPDATE token_keys SET retired = ? WHERE retired IS NULL").integer(now_ms).step();
    if (key.sealed) {
      SqliteStatement(database_, "INSERT INTO token_keys(public, chain, nonce, ciphertext, tag) VALUES(?, ?, ?, ?, ?)")
          .blob(key.public_key)
          .text(key.chain)
          .blob(key.sealed->nonce)
          .blob(key.sealed->ciphertext)
          .blob(key.sealed->tag)
          .step();
    } else {
      SqliteStatement(database_, "INSERT INTO token_keys(public, chain) VALUES(?, ?)")
          .blob(key.public_key)
          .text(key.chain)
          .step();
    }
    all_or_nothing.commit();
    // Private parts must not stay in the log that the file is brought up to date from.
    database_.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  base::Buffer content() override { return database_.content(); }

  Generation generation() override {
    SqliteStatement row(database_, "SELECT number, since FROM generations ORDER BY number DESC LIMIT 1");
    return row.step() ? Generation{row.column_integer(0), row.column_integer(1)} : Generation{};
  }
  void put_generation(const Generation& generation) override {
    SqliteStatement(database_, "INSERT INTO generations VALUES(?, ?)")
        .integer(generation.number)
        .integer(generation.since_ms)
        .step();
  }

  std::map<std::string, std::int64_t> evaluation_numbers() override {
    std::map<std::string, std::int64_t> all;
    SqliteStatement rows(database_, "SELECT document, number FROM evaluation_numbers");
    while (rows.step()) all[rows.column_text(0)] = rows.column_integer(1);
    return all;
  }
  void put_evaluation_number(const std::string& document, std::int64_t number) override {
    SqliteStatement(database_, "INSERT OR REPLACE INTO evaluation_numbers VALUES(?, ?)")
        .text(document)
        .integer(number)
        .step();
  }

  std::vector<base::Json> revocations() override {
    std::vector<base::Json> all;
    SqliteStatement rows(database_, "SELECT revocation FROM revocations ORDER BY kind, value");
    while (rows.step()) all.push_back(base::Json::parse(rows.column_text(0), "stored revocation"));
    return all;
  }
  void put_revocation(const base::Json& revocation) override {
    SqliteStatement(database_, "INSERT OR REPLACE INTO revocations VALUES(?, ?, ?)")
        .text(revocation.at("kind").text())
        .text(revocation.at("value").text())
        .text(revocation.compact())
        .step();
  }
  void lift_revocation(const std::string& kind, const std::string& value) override {
    SqliteStatement(database_, "DELETE FROM revocations WHERE kind = ? AND value = ?").text(kind).text(value).step();
  }

 private:
  /// Guests' disks may depend on them, so an earlier version's database is not started from as if they had never been.
  void refuse_earlier_secrets(const std::string& path) {
    if (!SqliteStatement(database_, "SELECT 1 FROM sqlite_schema WHERE name = 'secrets'").step()) return;
    if (SqliteStatement(database_, "SELECT 1 FROM secrets").step()) {
      throw base::Error(base::Kind::failure,
                        "service database " + path +
                            ": an earlier version kept bootstrap secrets in it, which are keys of the"
                            " tenant's key store now; destroy the tenant and apply it again");
    }
    database_.execute("DROP TABLE secrets");
  }
  std::map<std::string, base::Json> documents(const char* sql, std::string_view name) {
    std::map<std::string, base::Json> all;
    SqliteStatement rows(database_, sql);
    while (rows.step()) all[rows.column_text(0)] = base::Json::parse(rows.column_text(1), name);
    return all;
  }
  base::SqliteDatabase database_;
};

}  // namespace

std::unique_ptr<Store> open_sqlite_store(const std::string& path, const char* vfs) {
  return std::make_unique<SqliteStore>(path, vfs);
}

}  // namespace attestation
