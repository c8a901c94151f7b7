#pragma once
#include <deque>
#include <string>

#include "base/posix_files.h"
#include "measurement/explain.h"
#include "provisioner/intent.h"

namespace cli {

/// Boot files a launch may have used: those named and those found in folders, each mapped and hashed once.
class KnownImages {
 public:
  /// Adds a file under a role; the same content is added once. @returns its index among those of the role
  /// @throws Error{failure} when it cannot be read
  std::size_t add(provisioner::FileRole role, const std::string& path);
  /// Adds every firmware, kernel and initrd in a folder and in the folders in it, told by their content; other files
  /// are left alone. @throws Error{usage} when it is no folder, Error{failure} when it cannot be read
  void add_folder(const std::string& folder);
  /// Adds tables a launch may have been started with; those of one name are added once. @returns their index
  std::size_t add_tables(measurement::KnownTables tables);
  /// The index of the file with this content; nullopt when there is none.
  [[nodiscard]] std::optional<std::size_t> find(provisioner::FileRole role, const base::Sha256& sha256) const;
  [[nodiscard]] const measurement::KnownFiles& files() const noexcept { return files_; }

 private:
  std::vector<measurement::KnownFile>& of(provisioner::FileRole role);
  std::size_t add(provisioner::FileRole role, const std::string& path, base::MappedFile file);

  std::deque<base::MappedFile> mapped_;
  measurement::KnownFiles files_;
};

/// What a file's bytes say it is: firmware has OVMF's table at its end, a kernel is a bzImage or an EFI program, an
/// initrd a cpio archive or compressed. Nullopt for anything else.
std::optional<provisioner::FileRole> boot_file_role(base::Bytes bytes);

}  // namespace cli
