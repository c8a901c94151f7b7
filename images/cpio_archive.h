#pragma once
#include <map>
#include <string>

#include "base/bytes.h"

namespace images {

/// A cpio archive in the "newc" format that Linux unpacks as its initramfs. Members are sorted by path, belong to root,
/// carry the time 0 and get inode numbers in order, so that the same members always give the same bytes. Directories
/// above a member are made (mode 0755) unless they were added before it.
/// Source: Linux Documentation/driver-api/early-userspace/buffer-format.rst
class CpioArchive {
 public:
  /// @param path relative to the root, e.g. "usr/lib/libc.so.6"; adding it twice or escaping upwards throws
  /// Error{failure}. @param mode permission bits
  void add_directory(const std::string& path, unsigned mode);
  void add_file(const std::string& path, base::Buffer content, unsigned mode);
  void add_symlink(const std::string& path, const std::string& target);
  void add_character_device(const std::string& path, unsigned mode, unsigned major, unsigned minor);

  /// The archive with its trailer, padded with zeros to a multiple of 512 bytes.
  [[nodiscard]] base::Buffer bytes() const;

 private:
  struct Member {
    unsigned mode = 0;  ///< type and permission bits, as in st_mode
    unsigned major = 0, minor = 0;
    base::Buffer content;
  };
  void add(const std::string& path, const Member& member);
  std::map<std::string, Member> members_;
};

}  // namespace images
