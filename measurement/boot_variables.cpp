#include "measurement/boot_variables.h"

#include <array>

#include "base/encoding.h"

namespace measurement {
namespace {

constexpr std::string_view main_volume = "7cb8bdc9-f8eb-4f34-aaea-3ee4af6516a1";
constexpr std::string_view setup_application = "462caa21-7614-4503-836e-8ab6f4662331";
constexpr std::string_view menu_application = "eec25bdc-67f2-4d95-b1d5-f81b2039d11d";

constexpr std::uint32_t active = 0x1, hidden = 0x8, application_category = 0x100;

/// A node of a media device path that names a firmware volume (subtype 7) or a file in it (subtype 6).
struct FirmwareNode {
  std::uint8_t type, subtype;
  base::le16 length;
  std::array<std::uint8_t, 16> guid;
};
static_assert(sizeof(FirmwareNode) == 20);
constexpr std::array<std::uint8_t, 4> end_of_path{0x7f, 0xff, 4, 0};

struct LoadOptionHeader {
  base::le32 attributes;
  base::le16 path_length;
};
static_assert(sizeof(LoadOptionHeader) == 6);

struct Application {
  std::uint32_t attributes;
  std::string_view description, file;
};

base::Buffer path_to(std::string_view file) {
  base::Buffer path;
  base::append(
      path, base::layout_bytes(FirmwareNode{4, 7, std::uint16_t{sizeof(FirmwareNode)}, base::guid_bytes(main_volume)}));
  base::append(path,
               base::layout_bytes(FirmwareNode{4, 6, std::uint16_t{sizeof(FirmwareNode)}, base::guid_bytes(file)}));
  base::append(path, end_of_path);
  return path;
}

base::Buffer load_option(const Application& application) {
  const base::Buffer path = path_to(application.file);
  base::Buffer option = base::buffer_of(
      base::layout_bytes(LoadOptionHeader{application.attributes, static_cast<std::uint16_t>(path.size())}));
  base::append(option, base::utf16le(application.description));
  option.insert(option.end(), 2, 0);
  base::append(option, path);
  return option;
}

std::vector<Application> applications(const FirmwareProfile& profile) {
  switch (profile.generation) {
    case FirmwareGeneration::before_202411:
    case FirmwareGeneration::from_202411:
      return {{active | hidden | application_category, "UiApp", setup_application}};
    case FirmwareGeneration::from_202505:
      return {{active | hidden | application_category, "BootManagerMenuApp", menu_application},
              {active | application_category, "EFI Firmware Setup", setup_application}};
    case FirmwareGeneration::from_202605:
      break;
  }
  return {};
}

}  // namespace

std::vector<BootVariable> direct_boot_variables(const FirmwareProfile& profile) {
  const std::vector<Application> registered = applications(profile);
  if (registered.empty()) return {};
  std::vector<BootVariable> variables{{"BootOrder", "BootOrder", {}}};
  for (std::size_t i = 0; i < registered.size(); ++i) {
    base::append(variables.front().data, base::layout_bytes(base::le16(static_cast<std::uint16_t>(i))));
    const std::string name = "Boot000" + std::to_string(i);
    variables.push_back({name, name + ": " + std::string(registered[i].description), load_option(registered[i])});
  }
  return variables;
}

}  // namespace measurement
