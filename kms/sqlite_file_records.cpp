#include <atomic>
#include <map>

#include "base/crypto.h"
#include "base/error.h"
#include "base/json.h"
#include "base/sqlite_database.h"
#include "kms/file_records.h"
#include "kms/record_seal.h"

namespace kms {
namespace {

// Exclusive locking keeps other processes out and the index of the write-ahead log in this one's memory; secure_delete
// overwrites what was removed.
constexpr const char* settings =
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;";
constexpr const char* schema =
    "CREATE TABLE IF NOT EXISTS store(id INTEGER PRIMARY KEY CHECK(id = 1), tenant TEXT NOT NULL,"
    " wrapped_key BLOB NOT NULL, generation INTEGER NOT NULL, nonce BLOB NOT NULL, ciphertext BLOB NOT NULL,"
    " tag BLOB NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS records(name TEXT PRIMARY KEY, revision INTEGER NOT NULL, version INTEGER NOT NULL,"
    " state TEXT NOT NULL, nonce BLOB NOT NULL, ciphertext BLOB NOT NULL, tag BLOB NOT NULL) STRICT, WITHOUT ROWID;";

std::string context_of(const base::TenantId& tenant) {
  return base::Json(base::Json::Array{"bulkhead.kms-store/v1", tenant.name}).compact();
}

class SqliteFileRecords final : public FileRecords {
 public:
  SqliteFileRecords(const FileRecordsOptions& options, KeyWrapper& wrapper)
      : name_("kms store " + options.path), tenant_(options.tenant), database_(name_, options.path, options.vfs) {
    database_.execute(settings);
    base::SqliteTransaction making(database_);
    database_.execute(schema);
    base::SqliteStatement row(database_, "SELECT tenant, wrapped_key, generation, nonce, ciphertext, tag FROM store");
    if (row.step()) {
      expect_own_and_current(row, options);
      use_key(wrapper.unwrap(row.column(1), context_of(tenant_)));
      expect_unchanged(open_sum(key_.view(), tenant_, generation_, {row.column(3), row.column(4), row.column(5)}));
      return;
    }
    if (options.noted_generation > 0)
      fail("it is empty, wanted generation " + std::to_string(options.noted_generation));
    make(wrapper);
    making.commit();
  }

  std::optional<StoredRecord> read(const KeyName& name) override {
    const auto known = revisions_.find(name);
    if (known == revisions_.end()) return std::nullopt;
    base::SqliteStatement row(database_,
                              "SELECT revision, version, state, nonce, ciphertext, tag FROM records WHERE name = ?");
    if (!row.text(name.text()).step()) fail("record of key " + name.text() + ": it was removed");
    const auto revision = static_cast<std::uint64_t>(row.column_integer(0));
    if (revision != known->second)
      fail("record of key " + name.text() + ": got revision " + std::to_string(revision) + ", wanted " +
           std::to_string(known->second));
    const RecordPlace place{tenant_, name, revision, static_cast<std::uint32_t>(row.column_integer(1)),
                            row.column_text(2)};
    KeyRecord record = open_record(key_.view(), place, {row.column(3), row.column(4), row.column(5)});
    return StoredRecord{std::move(record), revision};
  }

  Written write(const KeyName& name, const KeyRecord& record, std::uint64_t expected) override {
    const std::optional<StoredRecord> before = read(name);
    if ((before ? before->revision : 0) != expected) return Written::somebody_else_was_first;
    RevisionSum sum = sum_->clone();
    if (before) sum.toggle(name, before->revision);
    const StoredRecord after{record, expected + 1};
    sum.toggle(name, after.revision);
    base::SqliteTransaction change(database_);
    put(name, after);
    put_sum(generation_ + 1, sum);
    change.commit();
    // A commit that fails may be on disk all the same: then the next read finds another revision than this process
    // knows, and only opening the file again tells.
    ++generation_;
    sum_ = std::move(sum);
    revisions_.insert_or_assign(name, after.revision);
    // What was dropped must not stay in the log that the file is brought up to date from.
    if (before && versions_with_material(record) < versions_with_material(before->record))
      database_.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    return Written::yes;
  }

  std::vector<KeyName> names() override {
    std::vector<KeyName> names;
    for (const auto& [name, revision] : revisions_) names.push_back(name);
    return names;
  }
  [[nodiscard]] std::uint64_t generation() const override { return generation_; }
  void skip_generations(std::uint64_t more) override {
    put_sum(generation_ + more, *sum_);
    generation_ += more;
  }
  void change_key(KeyWrapper& next, const HandleChange& handle) override {
    const std::map<KeyName, StoredRecord> all = all_records(handle);
    base::Secret store_key = base::random_secret(32);
    const base::Buffer wrapped = next.wrap(store_key.view(), context_of(tenant_));
    base::SqliteTransaction change(database_);
    use_key(std::move(store_key));
    for (const auto& [name, stored] : all) {
      put(name, stored);
      sum_->toggle(name, stored.revision);
    }
    base::SqliteStatement(database_, "UPDATE store SET wrapped_key = ?").blob(wrapped).step();
    put_sum(generation_, *sum_);
    change.commit();
    // What the key before opens must not stay in the log that the file is brought up to date from.
    database_.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  base::Buffer content() override { return database_.content(); }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw base::Error(base::Kind::failure, name_ + ": " + what); }

  void expect_own_and_current(const base::SqliteStatement& row, const FileRecordsOptions& options) {
    if (row.column_text(0) != tenant_.name)
      fail("it is tenant " + row.column_text(0) + "'s, wanted " + tenant_.name + "'s");
    generation_ = static_cast<std::uint64_t>(row.column_integer(2));
    if (generation_ < options.noted_generation)
      fail("got generation " + std::to_string(generation_) + ", wanted at least " +
           std::to_string(options.noted_generation) + ": an older file was put back");
  }

  /// Two keys from one: records are encrypted with the one, revisions authenticated with the other.
  void use_key(base::Secret store_key) {
    key_ = base::Secret(base::hmac_sha256(store_key.view(), base::bytes_of("bulkhead.kms-records/v1")));
    sum_.emplace(base::Secret(base::hmac_sha256(store_key.view(), base::bytes_of("bulkhead.kms-revisions/v1"))));
  }

  void make(KeyWrapper& wrapper) {
    base::Secret store_key = base::random_secret(32);
    const base::Buffer wrapped = wrapper.wrap(store_key.view(), context_of(tenant_));
    use_key(std::move(store_key));
    const base::SealedBox sum = seal_sum(key_.view(), tenant_, 0, sum_->bytes());
    base::SqliteStatement(database_, "INSERT INTO store VALUES(1, ?, ?, 0, ?, ?, ?)")
        .text(tenant_.name)
        .blob(wrapped)
        .blob(sum.nonce)
        .blob(sum.ciphertext)
        .blob(sum.tag)
        .step();
  }

  void expect_unchanged(const base::Secret& wanted) {
    base::SqliteStatement rows(database_, "SELECT name, revision FROM records");
    while (rows.step()) {
      const KeyName name = KeyName::parse(rows.column_text(0));
      const auto revision = static_cast<std::uint64_t>(rows.column_integer(1));
      revisions_.emplace(name, revision);
      sum_->toggle(name, revision);
    }
    if (!base::equal_in_constant_time(sum_->bytes(), wanted.view()))
      fail("a record was removed, added or put back as it was before generation " + std::to_string(generation_));
  }

  /// Every record, with the handles that its versions have from now on.
  std::map<KeyName, StoredRecord> all_records(const HandleChange& handle) {
    std::map<KeyName, StoredRecord> all;
    for (const KeyName& name : names()) {
      StoredRecord stored = *read(name);
      const auto change = [&](KeyVersion& version) {
        version.handle = handle({tenant_, name, version.number}, version.handle);
      };
      if (stored.record.current) change(*stored.record.current);
      if (stored.record.next) change(*stored.record.next);
      for (KeyVersion& version : stored.record.retired) change(version);
      all.emplace(name, std::move(stored));
    }
    return all;
  }

  void put(const KeyName& name, const StoredRecord& stored) {
    const RecordPlace place = place_of(tenant_, name, stored);
    const base::SealedBox box = seal_record(key_.view(), place, stored.record);
    base::SqliteStatement(database_, "INSERT OR REPLACE INTO records VALUES(?, ?, ?, ?, ?, ?, ?)")
        .text(name.text())
        .integer(static_cast<std::int64_t>(stored.revision))
        .integer(place.version)
        .text(place.state)
        .blob(box.nonce)
        .blob(box.ciphertext)
        .blob(box.tag)
        .step();
  }

  void put_sum(std::uint64_t generation, const RevisionSum& sum) {
    const base::SealedBox box = seal_sum(key_.view(), tenant_, generation, sum.bytes());
    base::SqliteStatement(database_, "UPDATE store SET generation = ?, nonce = ?, ciphertext = ?, tag = ?")
        .integer(static_cast<std::int64_t>(generation))
        .blob(box.nonce)
        .blob(box.ciphertext)
        .blob(box.tag)
        .step();
  }

  std::string name_;
  base::TenantId tenant_;
  base::SqliteDatabase database_;
  base::Secret key_;
  std::optional<RevisionSum> sum_;
  std::atomic<std::uint64_t> generation_ = 0;   ///< read by anybody while the file is written
  std::map<KeyName, std::uint64_t> revisions_;  ///< of every record as this process knows it
};

}  // namespace

std::unique_ptr<FileRecords> open_file_records(const FileRecordsOptions& options, KeyWrapper& wrapper) {
  return std::make_unique<SqliteFileRecords>(options, wrapper);
}

}  // namespace kms
