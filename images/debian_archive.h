#pragma once
#include <functional>
#include <string>
#include <vector>

#include "base/tar_archive.h"
#include "images/initrd.h"
#include "images/recipe.h"

namespace images {

/// One line for the person who waits.
using BuildProgress = std::function<void(const std::string& text)>;

/// A Debian root file system as a tar file, made once per set of packages and kept in `work_directory`.
class DebianArchive {
 public:
  /// Runs mmdebstrap unless the archive of the same suite, mirror and packages is there already.
  /// @throws Error{host} in mmdebstrap's own words; no half-made archive stays
  static DebianArchive make(const Recipe& recipe, const std::string& work_directory, const BuildProgress& progress);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// "name=version" of what is installed, sorted.
  [[nodiscard]] std::vector<std::string> packages() const;
  /// The kernel image's bytes. @throws Error{failure} unless the archive holds exactly one
  [[nodiscard]] base::Buffer kernel() const;
  /// The uncompressed modules that the guest program needs, in load order.
  [[nodiscard]] std::vector<InitrdContent::Module> modules() const;
  /// Copies the archive to `path` and adds `members`, which win over what is there.
  void copy_with(std::span<const base::TarMember> members, const std::string& path) const;

 private:
  explicit DebianArchive(std::string path);
  [[nodiscard]] std::string member(const std::string& path) const;
  [[nodiscard]] std::string only(const std::string& beginning, const std::string& end) const;
  std::string path_;
  std::vector<std::string> members_;  ///< as tar lists them: "./boot/vmlinuz-6.12"
};

/// Where the archive of `recipe`'s suite, mirror and packages is kept.
std::string debian_archive_path(const Recipe& recipe, const std::string& work_directory);

/// mmdebstrap's arguments for `recipe`, writing a tar file to `target`.
std::vector<std::string> mmdebstrap_arguments(const Recipe& recipe, const std::string& target);

}  // namespace images
