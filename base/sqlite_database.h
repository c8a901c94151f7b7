#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"

struct sqlite3;
struct sqlite3_stmt;

/// A SQLite database behind plain types (sqlite_database.cpp). Every failure is Error{failure} with SQLite's own words.
namespace base {

class SqliteDatabase {
 public:
  /// Opens or makes the file. @param what the database's name in messages: "service database"
  /// @param vfs SQLite's file layer by its registered name; nullptr: the system's files
  SqliteDatabase(std::string what, const std::string& path, const char* vfs = nullptr);
  /// Runs statements whose rows nobody wants.
  void execute(const char* sql);
  /// The database file's whole content, of one state between two statements.
  [[nodiscard]] Buffer content();
  [[noreturn]] void fail(const std::string& doing) const;

 private:
  friend class SqliteStatement;
  struct Close {
    void operator()(sqlite3* database) const noexcept;
  };
  std::string what_;
  std::unique_ptr<sqlite3, Close> database_;
};

/// One prepared statement: bind in order, then step through its rows.
class SqliteStatement {
 public:
  SqliteStatement(SqliteDatabase& database, const char* sql);
  ~SqliteStatement();
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  SqliteStatement& text(const std::string& value);
  SqliteStatement& blob(Bytes value);
  SqliteStatement& integer(std::int64_t value);
  /// Whether there is a (further) row.
  bool step();
  [[nodiscard]] Buffer column(int index) const;
  [[nodiscard]] std::string column_text(int index) const { return text_of(column(index)); }
  [[nodiscard]] std::int64_t column_integer(int index) const;

 private:
  SqliteStatement& bound(int result);
  SqliteDatabase& database_;
  sqlite3_stmt* statement_ = nullptr;
  int at_ = 0;
};

/// All statements between its making and commit() or none of them.
class SqliteTransaction {
 public:
  explicit SqliteTransaction(SqliteDatabase& database) : database_(database) { database_.execute("BEGIN IMMEDIATE"); }
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;
  ~SqliteTransaction();
  void commit();

 private:
  SqliteDatabase& database_;
  bool open_ = true;
};

}  // namespace base
