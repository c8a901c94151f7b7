#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace base {

/// One member of a POSIX ustar archive. All belong to root and carry the time 0, so equal members give equal bytes.
struct TarMember {
  enum class Type { file, directory, symlink };
  std::string path;  ///< relative, parts joined by '/', none of them empty, "." or ".."; at most 255 bytes
  Type type = Type::file;
  unsigned mode = 0644;  ///< permission bits, at most 07777
  std::string content;   ///< a file's bytes, or a symbolic link's target (at most 100 bytes)
  bool operator==(const TarMember&) const = default;
};

/// The archive of `members` in their order, ended by two zero blocks; a multiple of 512 bytes.
/// Source: POSIX.1-2017 pax, "ustar Interchange Format". @throws Error{failure} when a path or a target does not fit
Buffer tar_archive(std::span<const TarMember> members);

/// The members of an archive such as tar_archive() makes, followed by any number of zero bytes in whole blocks. Strict:
/// other types, extensions of pax and GNU, absolute and repeated paths, wrong checksums and non-zero padding are
/// errors.
/// @param name what is read, for messages: "config disk"
/// @throws Error{malformed} "NAME+0xOFFSET: ..."
std::vector<TarMember> read_tar_archive(Bytes archive, std::string_view name);

/// True for a relative path of non-empty parts, none of them "." or "..", without NUL.
bool is_plain_relative_path(std::string_view path) noexcept;

}  // namespace base
