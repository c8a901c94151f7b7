#include "base/tar_archive.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <set>

#include "base/byte_reader.h"
#include "base/error.h"

namespace base {
namespace {

template <std::size_t N>
using Field = std::array<std::uint8_t, N>;

/// Source: POSIX.1-2017, pax, table "ustar Header Block".
struct UstarHeader {
  Field<100> name{};
  Field<8> mode{}, uid{}, gid{};
  Field<12> size{}, mtime{};
  Field<8> checksum{};
  std::uint8_t type = 0;
  Field<100> linkname{};
  Field<6> magic{};
  Field<2> version{};
  Field<32> uname{}, gname{};
  Field<8> devmajor{}, devminor{};
  Field<155> prefix{};
  Field<12> reserved{};
};
constexpr std::size_t block_size = 512;
static_assert(sizeof(UstarHeader) == block_size && offsetof(UstarHeader, size) == 124);
static_assert(offsetof(UstarHeader, checksum) == 148 && offsetof(UstarHeader, type) == 156);
static_assert(offsetof(UstarHeader, magic) == 257 && offsetof(UstarHeader, prefix) == 345);

constexpr std::string_view magic_and_version{
    "ustar\0"
    "00",
    8};
constexpr char type_file = '0';
constexpr char type_symlink = '2';
constexpr char type_directory = '5';

template <std::size_t N>
void set_text(Field<N>& field, std::string_view text) {
  std::copy(text.begin(), text.end(), field.begin());
}

/// Octal digits that fill the field, the last byte being NUL.
template <std::size_t N>
void set_octal(Field<N>& field, std::size_t value) {
  for (std::size_t i = N - 1; i-- > 0; value >>= 3U) field[i] = static_cast<std::uint8_t>('0' + (value & 7U));
}

/// The sum of the header's bytes, those of the checksum counting as spaces.
std::size_t checksum_of(UstarHeader header) {
  header.checksum.fill(' ');
  std::size_t sum = 0;
  for (const std::uint8_t byte : layout_bytes(header)) sum += byte;
  return sum;
}

void set_path(UstarHeader& header, const std::string& path) {
  if (path.size() <= header.name.size()) return set_text(header.name, path);
  const std::size_t slash = path.find('/', path.size() - header.name.size() - 1);
  if (slash == std::string::npos || slash == path.size() - 1 || slash > header.prefix.size()) {
    throw Error(Kind::failure, "'" + path + "': too long for a ustar archive (100 bytes after a '/', 155 before)");
  }
  set_text(header.prefix, std::string_view(path).substr(0, slash));
  set_text(header.name, std::string_view(path).substr(slash + 1));
}

UstarHeader header_of(const TarMember& member) {
  if (!is_plain_relative_path(member.path)) throw Error(Kind::failure, "'" + member.path + "': no relative path");
  UstarHeader header;
  set_path(header, member.path);
  set_octal(header.mode, member.mode & 07777U);
  set_octal(header.uid, 0);
  set_octal(header.gid, 0);
  set_octal(header.size, member.type == TarMember::Type::file ? member.content.size() : 0);
  set_octal(header.mtime, 0);
  header.type = type_file;
  if (member.type == TarMember::Type::directory) header.type = type_directory;
  if (member.type == TarMember::Type::symlink) {
    header.type = type_symlink;
    if (member.content.size() > header.linkname.size())
      throw Error(Kind::failure, "'" + member.path + "': its target is longer than 100 bytes");
    set_text(header.linkname, member.content);
  }
  const Bytes magic = bytes_of(magic_and_version);
  std::copy_n(magic.begin(), 6, header.magic.begin());
  std::copy_n(magic.begin() + 6, 2, header.version.begin());
  set_octal(header.devmajor, 0);
  set_octal(header.devminor, 0);
  Field<7> sum{};
  set_octal(sum, checksum_of(header));
  std::copy(sum.begin(), sum.end(), header.checksum.begin());
  header.checksum[7] = ' ';
  return header;
}

/// Text up to the first NUL; what follows must be NUL too.
template <std::size_t N>
std::optional<std::string> text_in(const Field<N>& field) {
  const auto end = std::find(field.begin(), field.end(), 0);
  if (std::any_of(end, field.end(), [](std::uint8_t byte) { return byte != 0; })) return std::nullopt;
  return std::string(field.begin(), end);
}

/// Octal digits followed by nothing but NUL and space.
template <std::size_t N>
std::optional<std::size_t> octal_in(const Field<N>& field) {
  static_assert(N <= 12, "12 octal digits fit 64 bits");
  std::size_t value = 0;
  std::size_t digits = 0;
  for (; digits < N && field[digits] >= '0' && field[digits] <= '7'; ++digits)
    value = (value << 3U) | static_cast<std::size_t>(field[digits] - '0');
  for (std::size_t i = digits; i < N; ++i)
    if (field[i] != 0 && field[i] != ' ') return std::nullopt;
  return digits == 0 ? std::nullopt : std::optional(value);
}

bool all_zero(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::string path_in(const UstarHeader& header, const ByteReader& reader) {
  const auto name = text_in(header.name);
  const auto prefix = text_in(header.prefix);
  if (!name || !prefix) reader.fail("the member's name has bytes after its end");
  std::string path = prefix->empty() ? *name : *prefix + "/" + *name;
  if (header.type == type_directory && path.ends_with('/')) path.pop_back();
  if (!is_plain_relative_path(path)) reader.fail("'" + path + "' is no plain relative path");
  return path;
}

/// @throws Error{malformed} through `reader` unless everything but path, type and content is as tar_archive() has it
std::size_t checked_size(const UstarHeader& header, const ByteReader& reader) {
  const Bytes bytes = layout_bytes(header);
  if (text_of(bytes.subspan(offsetof(UstarHeader, magic), magic_and_version.size())) != magic_and_version)
    reader.fail("no POSIX ustar header");
  if (octal_in(header.checksum) != checksum_of(header)) reader.fail("the header's checksum is wrong");
  if (!octal_in(header.mode) || *octal_in(header.mode) > 07777U) reader.fail("the mode is no octal number up to 7777");
  const auto size = octal_in(header.size);
  if (!size) reader.fail("the size is no octal number");
  if (!all_zero(header.reserved)) reader.fail("the header's reserved bytes are not zero");
  return *size;
}

TarMember take_member(const UstarHeader& header, ByteReader& reader) {
  const std::size_t size = checked_size(header, reader);
  TarMember member{path_in(header, reader), TarMember::Type::file, static_cast<unsigned>(*octal_in(header.mode)), {}};
  const auto target = text_in(header.linkname);
  if (!target || target->empty() != (header.type != type_symlink)) reader.fail("only a symbolic link has a target");
  switch (header.type) {
    case type_file:
      member.content = text_of(reader.take(size));
      if (!all_zero(reader.take((block_size - size % block_size) % block_size))) reader.fail("padding is not zero");
      return member;
    case type_directory:
      member.type = TarMember::Type::directory;
      break;
    case type_symlink:
      member.type = TarMember::Type::symlink;
      member.content = *target;
      break;
    default:
      reader.fail("member '" + member.path + "' is of type " + std::to_string(header.type) +
                  "; wanted a file, a directory or a symbolic link");
  }
  if (size != 0) reader.fail("member '" + member.path + "' has content but is no file");
  return member;
}

}  // namespace

Buffer tar_archive(std::span<const TarMember> members) {
  Buffer archive;
  for (const TarMember& member : members) {
    append(archive, layout_bytes(header_of(member)));
    if (member.type != TarMember::Type::file) continue;
    append(archive, bytes_of(member.content));
    archive.resize((archive.size() + block_size - 1) / block_size * block_size);
  }
  archive.resize(archive.size() + 2 * block_size);
  return archive;
}

std::vector<TarMember> read_tar_archive(Bytes archive, std::string_view name) {
  ByteReader reader(std::string(name), archive);
  std::vector<TarMember> members;
  std::set<std::string> paths;
  for (;;) {
    const Bytes block = reader.take(block_size);
    if (all_zero(block)) break;
    members.push_back(take_member(ByteReader(std::string(name), block).take<UstarHeader>(), reader));
    if (!paths.insert(members.back().path).second) reader.fail("'" + members.back().path + "' is there twice");
  }
  if (reader.left() < block_size || reader.left() % block_size != 0) reader.fail("wanted zero blocks at the end");
  if (!all_zero(reader.take(reader.left()))) reader.fail("bytes after the end of the archive");
  return members;
}

bool is_plain_relative_path(std::string_view path) noexcept {
  if (path.empty() || path.find('\0') != std::string_view::npos) return false;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    if (part.empty() || part == "." || part == "..") return false;
    at = end + 1;
  }
  return true;
}

}  // namespace base
