#pragma once
#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"

/// A disk in memory for SQLite that loses power: at a chosen write, truncation, sync or removal, and with a choice of
/// what of the writes since the last sync has reached the platter. Making and removing a file is durable at once.
namespace fakes {

enum class Reached { nothing, half, everything };

struct DiskFile {
  base::Buffer content;  ///< as the process sees it
  base::Buffer durable;  ///< as of the last sync
  struct Write {
    std::size_t offset = 0;
    base::Buffer bytes;
    bool truncates = false;
  };
  std::vector<Write> unsynced;
};

class PowerLossDisk {
 public:
  std::map<std::string, DiskFile> files;
  int changes_until_loss = -1;  ///< the power goes in this change, counted from 0; -1: never
  bool off = false;

  /// Counts one more change. @return whether the power is still on after it
  bool stays_on() {
    if (changes_until_loss >= 0 && changes_until_loss-- == 0) off = true;
    return !off;
  }
  /// The disk as the next start finds it.
  [[nodiscard]] PowerLossDisk after_loss(Reached reached) const {
    PowerLossDisk disk;
    for (const auto& [name, file] : files) {
      base::Buffer content = file.durable;
      std::size_t writes = reached == Reached::nothing ? 0 : file.unsynced.size();
      if (reached == Reached::half) writes = (writes + 1) / 2;
      for (std::size_t i = 0; i < writes; ++i) {
        DiskFile::Write write = file.unsynced[i];
        // The last one is torn.
        if (reached == Reached::half && i + 1 == writes) write.bytes.resize(write.bytes.size() / 2);
        apply(content, write);
      }
      disk.files[name] = {content, content, {}};
    }
    return disk;
  }
  static void apply(base::Buffer& content, const DiskFile::Write& write) {
    if (write.truncates) {
      content.resize(std::min(content.size(), write.offset));
      return;
    }
    content.resize(std::max(content.size(), write.offset + write.bytes.size()));
    std::copy(write.bytes.begin(), write.bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(write.offset));
  }
};

/// SQLite's file layer "power-loss" on a disk, for as long as this object lives; one at a time.
class PowerLossVfs {
 public:
  static constexpr const char* name = "power-loss";
  explicit PowerLossVfs(PowerLossDisk& disk) : disk_(disk) {
    sqlite3_initialize();
    vfs_ = *sqlite3_vfs_find(nullptr);  // clock and randomness of the system's
    vfs_.szOsFile = sizeof(File);
    vfs_.zName = name;
    vfs_.pAppData = &disk_;
    vfs_.xOpen = &open;
    vfs_.xDelete = &remove;
    vfs_.xAccess = &access;
    vfs_.xFullPathname = &full_path;
    sqlite3_vfs_register(&vfs_, 0);
  }
  PowerLossVfs(const PowerLossVfs&) = delete;
  PowerLossVfs& operator=(const PowerLossVfs&) = delete;
  ~PowerLossVfs() { sqlite3_vfs_unregister(&vfs_); }

 private:
  struct File {
    sqlite3_file base;
    PowerLossDisk* disk;
    DiskFile* file;
  };
  static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
  static PowerLossDisk& of(sqlite3_vfs* vfs) { return *static_cast<PowerLossDisk*>(vfs->pAppData); }

  static int change(sqlite3_file* file, DiskFile::Write write) {
    File& opened = of(file);
    if (opened.disk->off) return SQLITE_IOERR;
    PowerLossDisk::apply(opened.file->content, write);
    opened.file->unsynced.push_back(std::move(write));
    return opened.disk->stays_on() ? SQLITE_OK : SQLITE_IOERR;
  }
  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    return change(file, {static_cast<std::size_t>(offset), base::Buffer(bytes, bytes + size), false});
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    return change(file, {static_cast<std::size_t>(size), {}, true});
  }
  static int sync(sqlite3_file* file, int /*flags*/) {
    File& opened = of(file);
    if (!opened.disk->stays_on()) return SQLITE_IOERR;
    opened.file->durable = opened.file->content;
    opened.file->unsynced.clear();
    return SQLITE_OK;
  }
  static int read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
    const base::Buffer& content = of(file).file->content;
    const auto wanted = static_cast<std::size_t>(size);
    const auto from = std::min(content.size(), static_cast<std::size_t>(offset));
    const std::size_t count = std::min(content.size() - from, wanted);
    auto* const out = static_cast<std::uint8_t*>(data);
    std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(from), count, out);
    std::fill_n(out + count, wanted - count, std::uint8_t{0});
    return count == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }
  static int size(sqlite3_file* file, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>(of(file).file->content.size());
    return SQLITE_OK;
  }
  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    static const sqlite3_io_methods methods = {1,
                                               [](sqlite3_file*) { return SQLITE_OK; },
                                               &read,
                                               &write,
                                               &truncate,
                                               &sync,
                                               &size,
                                               [](sqlite3_file*, int) { return SQLITE_OK; },
                                               [](sqlite3_file*, int) { return SQLITE_OK; },
                                               [](sqlite3_file*, int* held) { return *held = 0, SQLITE_OK; },
                                               [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; },
                                               [](sqlite3_file*) { return 512; },
                                               [](sqlite3_file*) { return 0; },
                                               nullptr,
                                               nullptr,
                                               nullptr,
                                               nullptr,
                                               nullptr,
                                               nullptr};
    PowerLossDisk& disk = of(vfs);
    of(file) = {{&methods}, &disk, &disk.files[path != nullptr ? path : "temporary"]};
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs* vfs, const char* path, int /*sync*/) {
    if (!of(vfs).stays_on()) return SQLITE_IOERR;
    return of(vfs).files.erase(path) == 1 ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
  }
  static int access(sqlite3_vfs* vfs, const char* path, int /*flags*/, int* result) {
    *result = of(vfs).files.contains(path) ? 1 : 0;
    return SQLITE_OK;
  }
  static int full_path(sqlite3_vfs* /*vfs*/, const char* path, int size, char* out) {
    return sqlite3_snprintf(size, out, "%s", path), SQLITE_OK;
  }

  PowerLossDisk& disk_;
  sqlite3_vfs vfs_{};
};

}  // namespace fakes
