#include "base/sqlite_database.h"

#include <sqlite3.h>

#include "base/error.h"

namespace base {

void SqliteDatabase::Close::operator()(sqlite3* database) const noexcept {
  sqlite3_close_v2(database);
}

SqliteDatabase::SqliteDatabase(std::string what, const std::string& path, const char* vfs) : what_(std::move(what)) {
  sqlite3* opened = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs);
  database_.reset(opened);
  if (result != SQLITE_OK) fail("cannot open " + path);
}

void SqliteDatabase::execute(const char* sql) {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql);
}

Buffer SqliteDatabase::content() {
  sqlite3_int64 size = 0;
  unsigned char* const copy = sqlite3_serialize(database_.get(), "main", &size, 0);
  if (copy == nullptr) fail("cannot copy");
  Buffer content(copy, copy + size);
  sqlite3_free(copy);
  return content;
}

void SqliteDatabase::fail(const std::string& doing) const {
  throw Error(Kind::failure, what_ + ": " + doing + ": " + sqlite3_errmsg(database_.get()));
}

SqliteStatement::SqliteStatement(SqliteDatabase& database, const char* sql) : database_(database) {
  if (sqlite3_prepare_v2(database_.database_.get(), sql, -1, &statement_, nullptr) != SQLITE_OK) database_.fail(sql);
}

SqliteStatement::~SqliteStatement() {
  sqlite3_finalize(statement_);
}

SqliteStatement& SqliteStatement::text(const std::string& value) {
  return bound(sqlite3_bind_text(statement_, ++at_, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT));
}

SqliteStatement& SqliteStatement::blob(Bytes value) {
  return bound(sqlite3_bind_blob(statement_, ++at_, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT));
}

SqliteStatement& SqliteStatement::integer(std::int64_t value) {
  return bound(sqlite3_bind_int64(statement_, ++at_, value));
}

bool SqliteStatement::step() {
  const int result = sqlite3_step(statement_);
  if (result != SQLITE_ROW && result != SQLITE_DONE) database_.fail(sqlite3_sql(statement_));
  return result == SQLITE_ROW;
}

Buffer SqliteStatement::column(int index) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, index));
  return {data, data + sqlite3_column_bytes(statement_, index)};
}

std::int64_t SqliteStatement::column_integer(int index) const {
  return sqlite3_column_int64(statement_, index);
}

SqliteStatement& SqliteStatement::bound(int result) {
  if (result != SQLITE_OK) database_.fail("bind");
  return *this;
}

SqliteTransaction::~SqliteTransaction() {
  if (!open_) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const Error&) {
    // SQLite rolled back by itself, or the file is gone: nothing of the transaction stays either way.
  }
}

void SqliteTransaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace base
