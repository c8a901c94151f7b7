#include "measurement/firmware_profile.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/lzma_stream.h"

namespace measurement {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view lzma_section_guid = "ee4e5898-3914-4259-9d6e-dc7bd79403cf";
constexpr std::string_view boot_manager_menu_guid = "eec25bdc-67f2-4d95-b1d5-f81b2039d11d";
constexpr std::string_view boot_menu_volume_guid = "ae047c6d-bce9-426c-ae03-a68e3b8a0488";
constexpr std::string_view fw_cfg_event_name = "QEMU FW CFG";
constexpr std::size_t volume_limit = std::size_t{64} << 20U;
constexpr std::uint8_t guid_defined_section = 2;

bool contains(base::Bytes bytes, base::Bytes wanted) {
  return std::search(bytes.begin(), bytes.end(), wanted.begin(), wanted.end()) != bytes.end();
}
bool contains_guid(base::Bytes bytes, std::string_view guid) {
  return contains(bytes, base::guid_bytes(guid));
}

// The section header is {u24 size, u8 type, GUID, u16 data offset, u16 attributes}; the GUID alone may also occur as
// data.
base::Bytes compressed_volume(base::Bytes firmware) {
  const std::array<std::uint8_t, 16> guid = base::guid_bytes(lzma_section_guid);
  for (auto at = firmware.begin();; ++at) {
    at = std::search(at, firmware.end(), guid.begin(), guid.end());
    if (at == firmware.end()) break;
    const auto offset = static_cast<std::size_t>(at - firmware.begin());
    if (offset < 4 || firmware.size() - offset < 20) continue;
    base::ByteReader header("firmware volume section", firmware.subspan(offset - 4), offset - 4);
    const auto size_and_type = header.take<std::uint32_t>();
    header.skip(16);
    const std::size_t data_offset = header.take<std::uint16_t>();
    const std::size_t size = size_and_type & 0xffffffU;
    if (size_and_type >> 24U != guid_defined_section || data_offset < 24 || size <= data_offset) continue;
    if (size > firmware.size() - (offset - 4))
      header.fail("compressed section of " + base::hex_number(size) + " bytes ends past the end of the firmware");
    return firmware.subspan(offset - 4 + data_offset, size - data_offset);
  }
  throw base::Error(base::Kind::malformed,
                    "firmware: no LZMA-compressed volume found, wanted an OVMF code image such as OVMF_CODE_4M.fd");
}

std::optional<unsigned> decimal(std::string_view text) {
  unsigned value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// Distributions put their version into their builds: "2025.02-8+deb13u1", "edk2-20241117-5.fc41". Upstream puts
// nothing.
std::optional<FirmwareGeneration> named_generation(const std::optional<BiosStrings>& bios) {
  if (!bios) return std::nullopt;
  std::string digits = bios->version;
  std::erase(digits, '.');
  for (std::size_t at = digits.find("20"); at != std::string::npos; at = digits.find("20", at + 1))
    if (const auto found = generation_of_release(std::string_view(digits).substr(at, 6))) return found;
  return std::nullopt;
}

FirmwareGeneration generation_of(base::Bytes volume, const FirmwareProfile& profile) {
  if (contains_guid(volume, boot_menu_volume_guid)) return FirmwareGeneration::from_202605;
  if (contains_guid(volume, boot_manager_menu_guid) || contains(volume, base::bytes_of(fw_cfg_event_name)))
    return FirmwareGeneration::from_202505;
  if (const auto named = named_generation(profile.bios)) return std::min(*named, FirmwareGeneration::from_202411);
  return profile.kernel_source == KernelSource::boot_file_first ? FirmwareGeneration::from_202411
                                                                : FirmwareGeneration::before_202411;
}

}  // namespace

std::string_view name_of(FirmwareGeneration generation) noexcept {
  switch (generation) {
    case FirmwareGeneration::before_202411:
      return "edk2 up to 202408";
    case FirmwareGeneration::from_202411:
      return "edk2 202411 to 202502";
    case FirmwareGeneration::from_202505:
      return "edk2 202505 to 202602";
    case FirmwareGeneration::from_202605:
      return "edk2 202605 or later";
  }
  return "unknown";
}

std::optional<FirmwareGeneration> generation_of_release(std::string_view release) noexcept {
  const auto number = release.size() == 6 ? decimal(release) : std::nullopt;
  if (!number || *number < 200001 || *number % 100 == 0 || *number % 100 > 12) return std::nullopt;
  if (*number < 202411) return FirmwareGeneration::before_202411;
  if (*number < 202505) return FirmwareGeneration::from_202411;
  return *number < 202605 ? FirmwareGeneration::from_202505 : FirmwareGeneration::from_202605;
}

FirmwareProfile detect_firmware_profile(base::Bytes firmware) {
  const base::Buffer volume =
      base::lzma_alone_decompressed(compressed_volume(firmware), volume_limit, "main firmware volume");
  FirmwareProfile profile;
  if (contains(volume, base::bytes_of("etc/boot/\0"sv))) profile.kernel_source = KernelSource::boot_file_first;
  if (contains(volume, base::bytes_of("initrd=initrd \0"sv)))
    profile.initrd_word = InitrdWord::prefix;
  else if (!contains(volume, base::bytes_of(" initrd=initrd\0"sv)))
    throw base::Error(base::Kind::malformed,
                      "firmware: loads no kernel from fw_cfg; wanted an OVMF built for direct boot");
  if (contains(volume, base::utf16le("SecureBootEnable"))) profile.secure_boot = SecureBootVariable::zero;
  if (!contains(volume, base::bytes_of("ACPI DATA"sv))) profile.acpi_events = AcpiEvents::none;
  // Only the IntelTdxX64 build has this code in its uncompressed first volume.
  if (contains(firmware, base::bytes_of(fw_cfg_event_name))) profile.fw_cfg_events = FwCfgEvents::measured;
  profile.bios = find_bios_strings(volume);
  profile.generation = generation_of(volume, profile);
  return profile;
}

}  // namespace measurement
