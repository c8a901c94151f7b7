#include "measurement/uki.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"
#include "measurement/pe_image.h"

namespace measurement {
namespace {

constexpr unsigned oldest = 252, strips_leading_space = 255, knows_profiles = 257;
constexpr std::string_view magic_start = "#### LoaderInfo: ", magic_end = " ####";
constexpr std::size_t most_zero_fill = std::size_t{1} << 20U;

struct KnownSection {
  const char* name;
  unsigned since;  ///< first version of the stub that uses it
};
// In the order of measurement. Not here: .dtbauto and .efifw, which a stub uses, and measures, only on hardware whose
// identifier .hwids lists, and no virtual machine is on such a list.
constexpr std::array known_sections{
    KnownSection{".linux", 252},  KnownSection{".osrel", 252},   KnownSection{".cmdline", 252},
    KnownSection{".initrd", 252}, KnownSection{".ucode", 256},   KnownSection{".splash", 252},
    KnownSection{".dtb", 252},    KnownSection{".uname", 253},   KnownSection{".sbat", 254},
    KnownSection{".pcrsig", 252}, KnownSection{".pcrpkey", 252}, KnownSection{".profile", 257},
    KnownSection{".hwids", 257},
};

[[noreturn]] void refuse(const std::string& what) {
  throw base::Error(base::Kind::malformed, "unified kernel image: " + what);
}

base::Buffer in_memory(const PeSection& section) {
  if (section.virtual_size > section.raw.size() + most_zero_fill)
    refuse("section " + section.name + " has " + std::to_string(section.virtual_size) + " bytes in memory, only " +
           std::to_string(section.raw.size()) + " in the file");
  base::Buffer data =
      base::buffer_of(section.raw.first(std::min<std::size_t>(section.raw.size(), section.virtual_size)));
  data.resize(section.virtual_size);
  return data;
}

SystemdVersion version_of(const std::vector<PeSection>& sections, std::string_view program) {
  const auto magic =
      std::find_if(sections.begin(), sections.end(), [](const PeSection& one) { return one.name == ".sdmagic"; });
  if (magic == sections.end())
    refuse("no section .sdmagic, wanted " + std::string(program) + " of version 252 or later");
  const std::string start = std::string(magic_start) + std::string(program) + " ";
  const std::string text = base::text_of(in_memory(*magic));
  const std::size_t end = text.find(magic_end, std::min(start.size(), text.size()));
  if (!text.starts_with(start) || end == std::string::npos)
    refuse("section .sdmagic does not say '" + start + "VERSION" + std::string(magic_end) + "'");
  SystemdVersion version{0, text.substr(start.size(), end - start.size())};
  const char* const last = version.text.data() + version.text.size();
  if (std::from_chars(version.text.data(), last, version.major).ec != std::errc() || version.major < oldest)
    refuse(std::string(program) + " of version '" + version.text + "', wanted 252 or later");
  return version;
}

// The table up to the first .profile, and from there to the next one.
using SectionRange = std::pair<std::vector<PeSection>::const_iterator, std::vector<PeSection>::const_iterator>;
std::pair<SectionRange, SectionRange> base_and_default_profile(const std::vector<PeSection>& sections, unsigned stub) {
  const auto is_profile = [](const PeSection& one) { return one.name == ".profile"; };
  const auto first =
      stub < knows_profiles ? sections.end() : std::find_if(sections.begin(), sections.end(), is_profile);
  const auto second = first == sections.end() ? first : std::find_if(first + 1, sections.end(), is_profile);
  return {{sections.begin(), first}, {first, second}};
}

const PeSection* first_named(const SectionRange& range, std::string_view name) {
  const auto found = std::find_if(range.first, range.second, [name](const PeSection& one) { return one.name == name; });
  return found == range.second ? nullptr : &*found;
}

}  // namespace

const Uki::Section* Uki::find(std::string_view name) const noexcept {
  const auto found =
      std::find_if(sections.begin(), sections.end(), [name](const Section& one) { return one.name == name; });
  return found == sections.end() ? nullptr : &*found;
}

Uki read_uki(base::Bytes image) {
  const std::vector<PeSection> all = pe_sections(image);
  SystemdVersion version = version_of(all, "systemd-stub");
  Uki uki{version.major, std::move(version.text), {}};
  const auto [base_sections, profile_sections] = base_and_default_profile(all, uki.stub);
  for (const KnownSection& known : known_sections) {
    if (uki.stub < known.since) continue;
    const PeSection* found = first_named(profile_sections, known.name);
    if (!found) found = first_named(base_sections, known.name);
    if (found && found->virtual_size > 0) uki.sections.push_back({known.name, in_memory(*found)});
  }
  if (!uki.find(".linux")) refuse("no section .linux, wanted a kernel");
  return uki;
}

SystemdVersion systemd_version(base::Bytes image, std::string_view program) {
  return version_of(pe_sections(image), program);
}

std::vector<BootEvent> uki_section_events(const Uki& uki) {
  std::vector<BootEvent> events;
  for (const Uki::Section& section : uki.sections) {
    if (section.name == ".pcrsig") continue;
    const std::string name = section.name + '\0';
    events.push_back(make_event(11, "EV_IPL", "name of section " + section.name, Provenance::input_file,
                                digests_of(base::bytes_of(name))));
    events.push_back(make_event(11, "EV_IPL", "section " + section.name, Provenance::input_file,
                                digests_of(base::Bytes(section.data))));
  }
  return events;
}

std::string stub_command_line(std::string_view text, unsigned stub) {
  text = text.substr(0, text.find('\0'));
  std::string line;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80)
      throw base::Error(base::Kind::malformed, "command line: got a character outside ASCII, wanted ASCII only");
    line += c <= 0x20 || c == 0x7f ? ' ' : c;
  }
  std::size_t first = line.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  if (stub < strips_leading_space) first = 0;
  return line.substr(first, line.find_last_not_of(' ') + 1 - first);
}

std::optional<std::string> kernel_version(base::Bytes kernel) {
  constexpr std::size_t version_field = 0x20e, header_start = 0x200, longest = 256;
  if (kernel.size() < version_field + 2 || base::text_of(kernel.subspan(0x202, 4)) != "HdrS") return std::nullopt;
  const std::size_t pointer = base::ByteReader("kernel", kernel.subspan(version_field)).take<std::uint16_t>();
  if (pointer == 0 || pointer + header_start >= kernel.size()) return std::nullopt;
  const base::Bytes text = kernel.subspan(pointer + header_start);
  const auto end = std::find(text.begin(), text.end(), std::uint8_t{0});
  const auto length = static_cast<std::size_t>(end - text.begin());
  const bool printable = std::all_of(text.begin(), end, [](std::uint8_t c) { return c >= 0x20 && c < 0x7f; });
  if (end == text.end() || length > longest || !printable) return std::nullopt;
  return base::text_of(text.first(length));
}

}  // namespace measurement
