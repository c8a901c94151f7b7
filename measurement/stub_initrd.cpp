#include "measurement/stub_initrd.h"

#include <array>
#include <string>
#include <tuple>

namespace measurement {
namespace {

constexpr unsigned passes_os_release = 257;
constexpr std::uint32_t directory_mode = 0040555, file_mode = 0100444;

void append_word(std::string& archive, std::uint32_t value) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (unsigned shift = 32; shift > 0; shift -= 4) archive += digits[(value >> (shift - 4)) & 0xfU];
}

void pad4(std::string& archive) {
  archive.resize((archive.size() + 3) / 4 * 4, '\0');
}

void append_member(std::string& archive, const std::string& path, std::uint32_t inode, std::uint32_t mode,
                   base::Bytes content) {
  archive += "070701";
  const auto size = static_cast<std::uint32_t>(content.size());
  const auto path_size = static_cast<std::uint32_t>(path.size() + 1);
  // inode, mode, uid, gid, links, time, size, major, minor, two of a device node, size of the path, checksum
  for (const std::uint32_t word : {inode, mode, 0U, 0U, 1U, 0U, size, 0U, 0U, 0U, 0U, path_size, 0U})
    append_word(archive, word);
  archive += path + '\0';
  pad4(archive);
  archive += base::text_of(content);
  pad4(archive);
}

// The stub writes this record as a constant, with an upper-case digit.
void append_trailer(std::string& archive) {
  archive +=
      "070701" + std::string(32, '0') + "00000001" + std::string(48, '0') + "0000000B" + "00000000" + "TRAILER!!!";
  archive.resize(archive.size() + 4, '\0');
}

}  // namespace

base::Buffer stub_archive(std::string_view name, base::Bytes content) {
  std::string archive;
  append_member(archive, ".extra", 1, directory_mode, {});
  append_member(archive, ".extra/" + std::string(name), 2, file_mode, content);
  append_trailer(archive);
  return base::buffer_of(base::bytes_of(archive));
}

std::optional<BankDigests> stub_initrd(const Uki& uki) {
  std::vector<base::Bytes> pieces;
  std::vector<base::Buffer> archives;
  const auto add_section = [&](const char* name) {
    if (const Uki::Section* section = uki.find(name)) pieces.emplace_back(section->data);
  };
  add_section(".ucode");
  add_section(".initrd");
  for (const auto& [section, file, since] :
       {std::tuple{".pcrsig", "tpm2-pcr-signature.json", 0U}, std::tuple{".pcrpkey", "tpm2-pcr-public-key.pem", 0U},
        std::tuple{".osrel", "os-release", passes_os_release}, std::tuple{".profile", "profile", passes_os_release}})
    if (const Uki::Section* found = uki.find(section); found && uki.stub >= since)
      archives.push_back(stub_archive(file, found->data));
  pieces.insert(pieces.end(), archives.begin(), archives.end());
  if (pieces.empty()) return std::nullopt;
  if (pieces.size() == 1) return digests_of(pieces.front());
  constexpr std::array<std::uint8_t, 3> zeros{};
  std::vector<base::Bytes> padded;
  for (const base::Bytes piece : pieces) {
    padded.push_back(piece);
    padded.push_back(base::Bytes(zeros).first(-piece.size() % 4));
  }
  return digests_of(padded);
}

}  // namespace measurement
