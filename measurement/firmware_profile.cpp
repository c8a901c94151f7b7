#include "measurement/firmware_profile.h"

#include <algorithm>
#include <array>
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
constexpr std::string_view setup_ui_guid = "462caa21-7614-4503-836e-8ab6f4662331";
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

FirmwareGeneration generation_of(base::Bytes volume, KernelSource source) {
  const bool menu = contains_guid(volume, boot_manager_menu_guid);
  if (menu || contains(volume, base::bytes_of("QEMU FW CFG"sv)))
    return contains_guid(volume, setup_ui_guid) ? FirmwareGeneration::from_202505 : FirmwareGeneration::from_202605;
  return source == KernelSource::boot_file_first ? FirmwareGeneration::from_202411 : FirmwareGeneration::before_202411;
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
  profile.generation = generation_of(volume, profile.kernel_source);
  return profile;
}

}  // namespace measurement
