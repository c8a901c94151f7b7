#include <sqlite3.h>

#include "attestation/store.h"
#include "base/error.h"

namespace attestation {
namespace {

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
using Database = std::unique_ptr<sqlite3, Close>;

[[noreturn]] void fail(sqlite3* database, const std::string& what) {
  throw base::Error(base::Kind::failure, "service database: " + what + ": " + sqlite3_errmsg(database));
}

/// One prepared statement: bind in order, then step through its rows.
class Statement {
 public:
  Statement(sqlite3* database, const char* sql) : database_(database) {
    if (sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr) != SQLITE_OK) fail(database, sql);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& text(const std::string& value) {
    return bound(sqlite3_bind_text(statement_, ++at_, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT));
  }
  Statement& blob(base::Bytes value) {
    return bound(sqlite3_bind_blob(statement_, ++at_, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT));
  }
  /// Whether there is a (further) row.
  bool step() {
    const int result = sqlite3_step(statement_);
    if (result != SQLITE_ROW && result != SQLITE_DONE) fail(database_, sqlite3_sql(statement_));
    return result == SQLITE_ROW;
  }
  [[nodiscard]] base::Buffer column(int index) const {
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, index));
    return {data, data + sqlite3_column_bytes(statement_, index)};
  }
  [[nodiscard]] std::string column_text(int index) const { return base::text_of(column(index)); }

 private:
  Statement& bound(int result) {
    if (result != SQLITE_OK) fail(database_, "bind");
    return *this;
  }
  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
  int at_ = 0;
};

constexpr const char* schema =
    "PRAGMA synchronous=FULL;"
    "CREATE TABLE IF NOT EXISTS enrolments(guest TEXT PRIMARY KEY, key BLOB NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE IF NOT EXISTS secrets(name TEXT PRIMARY KEY, nonce BLOB NOT NULL, ciphertext BLOB NOT NULL,"
    " tag BLOB NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS verdicts(guest TEXT PRIMARY KEY, verdict TEXT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS leases(guest TEXT PRIMARY KEY, lease TEXT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS revocations(kind TEXT NOT NULL, value TEXT NOT NULL, revocation TEXT NOT NULL,"
    " PRIMARY KEY(kind, value)) STRICT;";

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(const std::string& path) {
    sqlite3* opened = nullptr;
    const int result = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    database_.reset(opened);
    if (result != SQLITE_OK) fail(opened, "cannot open " + path);
    if (sqlite3_exec(opened, schema, nullptr, nullptr, nullptr) != SQLITE_OK) fail(opened, "cannot use " + path);
  }

  std::map<std::string, base::Buffer> enrolled_keys() override {
    std::map<std::string, base::Buffer> keys;
    Statement rows(database_.get(), "SELECT guest, key FROM enrolments");
    while (rows.step()) keys[rows.column_text(0)] = rows.column(1);
    return keys;
  }
  void enrol(const std::string& guest, base::Bytes key) override {
    for (const auto& [other, known] : enrolled_keys()) {
      if (other == guest || !base::equal_in_constant_time(known, key)) continue;
      throw base::Error(base::Kind::failure, "attestation key of " + guest + ": already enrolled for " + other);
    }
    Statement(database_.get(), "INSERT OR REPLACE INTO enrolments VALUES(?, ?)").text(guest).blob(key).step();
  }
  void revoke(const std::string& guest) override {
    Statement(database_.get(), "DELETE FROM enrolments WHERE guest = ?").text(guest).step();
  }

  std::optional<base::SealedBox> sealed_secret(const std::string& name) override {
    Statement row(database_.get(), "SELECT nonce, ciphertext, tag FROM secrets WHERE name = ?");
    if (!row.text(name).step()) return std::nullopt;
    return base::SealedBox{row.column(0), row.column(1), row.column(2)};
  }
  void put_sealed_secret(const std::string& name, const base::SealedBox& box) override {
    Statement(database_.get(), "INSERT INTO secrets VALUES(?, ?, ?, ?)")
        .text(name)
        .blob(box.nonce)
        .blob(box.ciphertext)
        .blob(box.tag)
        .step();
  }

  std::map<std::string, base::Json> verdicts() override {
    return documents("SELECT guest, verdict FROM verdicts", "stored verdict");
  }
  void put_verdict(const std::string& guest, const base::Json& verdict) override {
    Statement(database_.get(), "INSERT OR REPLACE INTO verdicts VALUES(?, ?)")
        .text(guest)
        .text(verdict.compact())
        .step();
  }
  void forget_verdict(const std::string& guest) override {
    Statement(database_.get(), "DELETE FROM verdicts WHERE guest = ?").text(guest).step();
  }

  std::map<std::string, base::Json> leases() override {
    return documents("SELECT guest, lease FROM leases", "stored lease");
  }
  std::optional<base::Json> lease(const std::string& guest) override {
    Statement row(database_.get(), "SELECT lease FROM leases WHERE guest = ?");
    if (!row.text(guest).step()) return std::nullopt;
    return base::Json::parse(row.column_text(0), "stored lease");
  }
  void put_lease(const std::string& guest, const base::Json& lease) override {
    Statement(database_.get(), "INSERT OR REPLACE INTO leases VALUES(?, ?)").text(guest).text(lease.compact()).step();
  }

  std::vector<base::Json> revocations() override {
    std::vector<base::Json> all;
    Statement rows(database_.get(), "SELECT revocation FROM revocations ORDER BY kind, value");
    while (rows.step()) all.push_back(base::Json::parse(rows.column_text(0), "stored revocation"));
    return all;
  }
  void put_revocation(const base::Json& revocation) override {
    Statement(database_.get(), "INSERT OR REPLACE INTO revocations VALUES(?, ?, ?)")
        .text(revocation.at("kind").text())
        .text(revocation.at("value").text())
        .text(revocation.compact())
        .step();
  }
  void lift_revocation(const std::string& kind, const std::string& value) override {
    Statement(database_.get(), "DELETE FROM revocations WHERE kind = ? AND value = ?").text(kind).text(value).step();
  }

 private:
  std::map<std::string, base::Json> documents(const char* sql, std::string_view name) {
    std::map<std::string, base::Json> all;
    Statement rows(database_.get(), sql);
    while (rows.step()) all[rows.column_text(0)] = base::Json::parse(rows.column_text(1), name);
    return all;
  }
  Database database_;
};

}  // namespace

std::unique_ptr<Store> open_sqlite_store(const std::string& path) {
  return std::make_unique<SqliteStore>(path);
}

}  // namespace attestation
