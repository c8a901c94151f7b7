#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/units.h"
#include "kms/key_material.h"
#include "kms/key_records.h"
#include "kms/key_wrapper.h"

namespace kms {

/// What becomes of a version's handle when the file's key-encryption key changes.
using HandleChange = std::function<base::Buffer(const MaterialId& id, base::Bytes handle)>;

struct FileRecordsOptions {
  std::string path;
  base::TenantId tenant;
  /// The file's `generation` as noted away from the host; an older file is refused. 0: not noted.
  std::uint64_t noted_generation = 0;
  const char* vfs = nullptr;  ///< SQLite's file layer by name; nullptr: the system's
};

/// One tenant's records in a file: each sealed for its place, all of them under a sealed sum, so that a record which
/// was changed, swapped, removed or put back as it was before is found when the file is opened or the record is read.
class FileRecords : public KeyRecords {
 public:
  /// How many writes the file has seen: who notes it elsewhere finds out that a whole older file was put back.
  [[nodiscard]] virtual std::uint64_t generation() const = 0;
  /// Goes on counting from `more` writes higher: a file that was put back on purpose is newer than what it replaces.
  virtual void skip_generations(std::uint64_t more) = 0;
  /// Gives the file a new key of its own, wrapped under another key-encryption key, and seals every record anew: all in
  /// one transaction, and with the same generation and revisions, since what the records say stays. After an error only
  /// opening the file again tells which of the two it is under.
  virtual void change_key(KeyWrapper& next, const HandleChange& handle) = 0;
  /// The whole file as it is after the latest write, for a backup; no key is in it in the clear.
  virtual base::Buffer content() = 0;
};

/// Opens or makes the file (sqlite_file_records.cpp). It is this process's alone until it is closed.
/// @param wrapper holds the key that the file's own key is wrapped under
/// @throws Error{failure} when it is open elsewhere, another tenant's, wrapped under another key, or not as it was left
std::unique_ptr<FileRecords> open_file_records(const FileRecordsOptions& options, KeyWrapper& wrapper);

}  // namespace kms
