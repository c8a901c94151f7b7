#include "measurement/linux_kernel.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"

namespace measurement {
namespace {

constexpr std::size_t header_end = 0x268;
constexpr std::uint32_t real_mode_address = 0x10000;
constexpr std::uint32_t command_line_address = 0x20000;
constexpr std::uint64_t acpi_data_size = 0x28000;

template <typename T>
T field(base::Bytes kernel, std::size_t offset) {
  return base::ByteReader("kernel setup header", kernel.subspan(offset), offset).take<T>();
}
template <typename T>
void write(base::Buffer& kernel, std::size_t offset, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) kernel[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw base::Error(base::Kind::malformed, "kernel+" + where + ": " + what);
}

std::uint16_t check_header(base::Bytes kernel) {
  if (kernel.size() < header_end)
    refuse("0x0", "a bzImage needs " + base::hex_number(header_end) + " bytes, got " + std::to_string(kernel.size()));
  if (field<std::uint16_t>(kernel, 0x1fe) != 0xaa55) refuse("0x1fe", "boot flag is not 0xaa55: no bzImage");
  if (base::text_of(kernel.subspan(0x202, 4)) != "HdrS") refuse("0x202", "magic is not HdrS: no bzImage");
  const auto protocol = field<std::uint16_t>(kernel, 0x206);
  if (protocol < 0x202) refuse("0x206", "boot protocol " + base::hex_number(protocol) + ", wanted 0x202 or later");
  if ((kernel[0x211] & 1U) == 0) refuse("0x211", "not loaded high (zImage), wanted a bzImage");
  return protocol;
}

// QEMU looks for the first "vga=" anywhere in the text and reads a number as strtoui() with base 0 does.
std::optional<std::uint16_t> video_mode(const std::string& command_line) {
  const std::size_t at = command_line.find("vga=");
  if (at == std::string::npos) return std::nullopt;
  std::string word = command_line.substr(at + 4);
  if (word.starts_with("normal")) return 0xffff;
  if (word.starts_with("ext")) return 0xfffe;
  if (word.starts_with("ask")) return 0xfffd;
  word = word.substr(0, word.find(' '));
  int radix = 10;
  std::size_t skip = 0;
  if (word.starts_with("0x") || word.starts_with("0X")) {
    radix = 16;
    skip = 2;
  } else if (word.size() > 1 && word[0] == '0') {
    radix = 8;
  }
  unsigned value = 0;
  const auto [end, error] = std::from_chars(word.data() + skip, word.data() + word.size(), value, radix);
  if (error != std::errc() || end != word.data() + word.size())
    throw base::Error(base::Kind::malformed, "command line: vga=" + word + ", wanted normal, ext, ask or a number");
  return static_cast<std::uint16_t>(value);
}

std::pair<std::uint32_t, std::uint32_t> initrd_place(base::Bytes kernel, std::uint16_t protocol,
                                                     std::uint64_t initrd_size, base::MiB memory) {
  const bool above_4g = protocol >= 0x20c && (field<std::uint16_t>(kernel, 0x236) & 2U) != 0;
  std::uint64_t most = 0x37ffffff;
  if (above_4g)
    most = 0xffffffff;
  else if (protocol >= 0x203)
    most = field<std::uint32_t>(kernel, 0x22c);
  const std::uint64_t low = memory_below_4g(memory);
  if (low <= acpi_data_size) refuse("0x218", "no memory below 4 GiB for an initrd");
  most = std::min(most, low - acpi_data_size - 1);
  if (initrd_size >= most)
    refuse("0x218", "initrd of " + std::to_string(initrd_size) + " bytes, wanted less than " + std::to_string(most));
  return {static_cast<std::uint32_t>((most - initrd_size) & ~std::uint64_t{4095}),
          static_cast<std::uint32_t>(initrd_size)};
}

}  // namespace

void check_kernel(base::Bytes kernel) {
  constexpr std::size_t pe_offset_at = 0x3c;
  if (kernel.size() > pe_offset_at + 4 && base::text_of(kernel.first(2)) == "MZ") {
    const auto at = field<std::uint32_t>(kernel, pe_offset_at);
    if (at < kernel.size() && kernel.size() - at >= 4 &&
        base::text_of(kernel.subspan(at, 4)) == std::string("PE\0\0", 4))
      return;
  }
  check_header(kernel);
}

std::optional<std::string_view> other_format(base::Bytes kernel) noexcept {
  using namespace std::string_view_literals;
  struct Format {
    std::size_t offset;
    std::string_view magic, name;
  };
  static constexpr std::array<Format, 8> formats{{{0,
                                                   "\x7f"
                                                   "ELF"sv,
                                                   "an ELF file (vmlinux)"},
                                                  {0, "\x1f\x8b"sv, "a gzip stream"},
                                                  {0,
                                                   "\xfd"
                                                   "7zXZ"sv,
                                                   "an xz stream"},
                                                  {0, "\x28\xb5\x2f\xfd"sv, "a zstd stream"},
                                                  {0, "070701"sv, "a cpio archive (an initrd)"},
                                                  {0, "070702"sv, "a cpio archive (an initrd)"},
                                                  {0, "IGVM"sv, "an IGVM file"},
                                                  {0x38, "ARM\x64"sv, "an arm64 kernel"}}};
  const std::string_view text(reinterpret_cast<const char*>(kernel.data()), kernel.size());
  for (const Format& format : formats) {
    if (kernel.size() > format.offset && text.substr(format.offset).starts_with(format.magic)) return format.name;
  }
  const auto written = [](char c) { return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\r' || c == '\t'; };
  if (!text.empty() && std::all_of(text.begin(), text.end(), written)) return "text";
  return std::nullopt;
}

std::uint64_t memory_below_4g(base::MiB memory) noexcept {
  return memory.bytes() >= 0xb0000000 ? 0x80000000 : memory.bytes();
}

SetupHeaderPatch setup_header_patch(base::Bytes kernel, const LegacyLoad& load) {
  const std::uint16_t protocol = check_header(kernel);
  SetupHeaderPatch patch;
  patch.loader = 0xb0;
  patch.load_flags = kernel[0x211] | 0x80U;
  patch.heap_end = command_line_address - real_mode_address - 0x200;
  patch.command_line_address = command_line_address;
  patch.video_mode = video_mode(load.command_line);
  if (load.initrd_size) patch.initrd = initrd_place(kernel, protocol, *load.initrd_size, load.memory);
  return patch;
}

base::Buffer patched_kernel(base::Bytes kernel, const SetupHeaderPatch& patch) {
  check_header(kernel);
  base::Buffer patched = base::buffer_of(kernel);
  if (patch.video_mode) write(patched, 0x1fa, *patch.video_mode);
  patched[0x210] = patch.loader;
  patched[0x211] = patch.load_flags;
  if (patch.initrd) {
    write(patched, 0x218, patch.initrd->first);
    write(patched, 0x21c, patch.initrd->second);
  }
  write(patched, 0x224, patch.heap_end);
  write(patched, 0x228, patch.command_line_address);
  return patched;
}

}  // namespace measurement
