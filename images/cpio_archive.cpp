#include "images/cpio_archive.h"

#include <array>
#include <string_view>

#include "base/error.h"
#include "base/tar_archive.h"

namespace images {
namespace {

// Source: POSIX.1-2017, cpio, "Values for cpio c_mode Field".
constexpr unsigned type_mask = 0170000;
constexpr unsigned type_directory = 0040000;
constexpr unsigned type_file = 0100000;
constexpr unsigned type_symlink = 0120000;
constexpr unsigned type_character_device = 0020000;

struct Header {
  unsigned inode = 0, mode = 0, links = 1, major = 0, minor = 0;
  std::size_t size = 0;
};

void append_hex(base::Buffer& archive, std::size_t value) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (unsigned shift = 32; shift != 0; shift -= 4)
    archive.push_back(static_cast<std::uint8_t>(digits[(value >> (shift - 4)) & 0xfU]));
}

void pad(base::Buffer& archive, std::size_t alignment) {
  archive.resize((archive.size() + alignment - 1) / alignment * alignment);
}

/// Magic, 13 fields of 8 hexadecimal digits, the name with its NUL, and zeros up to a multiple of 4.
void append_header(base::Buffer& archive, const Header& header, std::string_view name) {
  base::append(archive, base::bytes_of("070701"));
  const std::array<std::size_t, 13> fields = {
      header.inode, header.mode,     0, 0, header.links, 0, header.size, 0, 0, header.major,
      header.minor, name.size() + 1, 0};
  for (const std::size_t field : fields) append_hex(archive, field);
  base::append(archive, base::bytes_of(name));
  archive.push_back(0);
  pad(archive, 4);
}

}  // namespace

void CpioArchive::add(const std::string& path, const Member& member) {
  if (!base::is_plain_relative_path(path))
    throw base::Error(base::Kind::failure, "initrd: '" + path + "' is no plain relative path");
  if (!members_.try_emplace(path, member).second)
    throw base::Error(base::Kind::failure, "initrd: '" + path + "' is there twice");
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return;
  const std::string parent = path.substr(0, slash);
  const auto found = members_.find(parent);
  if (found == members_.end()) return add_directory(parent, 0755);
  if ((found->second.mode & type_mask) != type_directory)
    throw base::Error(base::Kind::failure, "initrd: '" + parent + "' is no directory, but '" + path + "' is below it");
}

void CpioArchive::add_directory(const std::string& path, unsigned mode) {
  add(path, {type_directory | mode, 0, 0, {}});
}

void CpioArchive::add_file(const std::string& path, base::Buffer content, unsigned mode) {
  add(path, {type_file | mode, 0, 0, std::move(content)});
}

void CpioArchive::add_symlink(const std::string& path, const std::string& target) {
  add(path, {type_symlink | 0777U, 0, 0, base::buffer_of(base::bytes_of(target))});
}

void CpioArchive::add_character_device(const std::string& path, unsigned mode, unsigned major, unsigned minor) {
  add(path, {type_character_device | mode, major, minor, {}});
}

base::Buffer CpioArchive::bytes() const {
  base::Buffer archive;
  unsigned inode = 0;
  for (const auto& [path, member] : members_) {
    const bool directory = (member.mode & type_mask) == type_directory;
    append_header(archive,
                  {++inode, member.mode, directory ? 2U : 1U, member.major, member.minor, member.content.size()}, path);
    base::append(archive, member.content);
    pad(archive, 4);
  }
  append_header(archive, {}, "TRAILER!!!");
  pad(archive, 512);
  return archive;
}

}  // namespace images
