#include "cli/fw_cfg_source.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/posix_files.h"

namespace cli {
namespace {

using namespace std::string_view_literals;

constexpr std::array names{
    measurement::table_loader_file,
    measurement::acpi_rsdp_file,
    measurement::acpi_tables_file,
    measurement::tpm_log_file,
    measurement::smbios_tables_file,
    measurement::boot_order_file,
    "etc/vmgenid_guid"sv,
    "etc/hardware_errors"sv,
    "etc/extra-pci-roots"sv,
    "BootMenu"sv,
    "etc/boot-menu-wait"sv,
    "etc/reserved-memory-end"sv,
    "opt/ovmf/X-PciMmio64Mb"sv,
};
constexpr std::size_t largest_file = std::size_t{16} << 20U;

std::string with(std::string text, char from, char to) {
  std::replace(text.begin(), text.end(), from, to);
  return text;
}

std::vector<std::string> spellings(const std::string& name) {
  std::vector<std::string> found{name + "/raw", name};
  const std::string bare = name.starts_with("etc/") ? name.substr(4) : name;
  for (const std::string& flat : {with(name, '/', '_'), with(bare, '/', '_'), name.substr(name.rfind('/') + 1)})
    for (const std::string& spelt : {flat, with(flat, '-', '_')}) {
      found.push_back(spelt + ".bin");
      found.push_back(spelt);
    }
  return found;
}

std::optional<std::string> file_of(const std::string& folder, const std::string& name) {
  for (const std::string& spelling : spellings(name))
    if (const std::filesystem::path path = std::filesystem::path(folder) / spelling;
        std::filesystem::is_regular_file(path))
      return path.string();
  return std::nullopt;
}

}  // namespace

measurement::FwCfgFiles read_fw_cfg_folder(const std::string& folder) {
  measurement::FwCfgFiles files;
  for (const std::string_view name : names)
    if (const auto path = file_of(folder, std::string(name)))
      files.emplace(name, base::buffer_of(base::bytes_of(base::read_file(*path, largest_file))));
  if (files.empty())
    throw base::Error(base::Kind::failure, "--acpi: " + folder +
                                               " has no dump of fw_cfg, wanted files such as acpi_tables.bin, "
                                               "table-loader.bin, acpi_rsdp.bin and smbios_smbios-tables.bin");
  return files;
}

}  // namespace cli
