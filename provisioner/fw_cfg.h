#pragma once
#include <string>
#include <vector>

#include "measurement/fw_cfg_files.h"
#include "provisioner/machine_bus.h"

namespace provisioner {

/// A file the hypervisor offers to the firmware.
struct FwCfgFile {
  std::string name;  ///< "etc/acpi/tables"
  std::uint16_t selector = 0;
  std::uint32_t size = 0;  ///< bytes
};

using measurement::FwCfgFiles;

/// The directory of QEMU's firmware configuration device. Source: QEMU docs/specs/fw_cfg.rst, "Firmware Configuration
/// Files".
/// @throws base::Error{malformed} for a truncated directory, trailing bytes, a name that is empty, repeated, not
/// printable or not terminated, a selector that is none of a file's, or a file of more than 16 MiB
std::vector<FwCfgFile> parse_fw_cfg_directory(base::Bytes bytes);

/// Reads the device as firmware does: through DMA where the device offers it, else byte by byte through its ports.
/// Reading an ACPI file makes QEMU build its tables from what is then in the devices' registers, once for all.
class FwCfgReader {
 public:
  /// @param scratch a page of RAM and the one after it, which nobody else uses
  /// @throws base::Error{malformed} when there is no such device
  FwCfgReader(MachineBus& bus, std::uint64_t scratch);

  std::vector<FwCfgFile> directory();
  base::Buffer read(std::uint16_t selector, std::size_t size);
  /// Those of `names` that exist.
  FwCfgFiles read_files(const std::vector<std::string>& names);

 private:
  base::Buffer read_by_dma(std::uint16_t selector, std::size_t size);
  base::Buffer read_by_port(std::uint16_t selector, std::size_t size);
  MachineBus& bus_;
  std::uint64_t scratch_;
  bool dma_ = false;
};

}  // namespace provisioner
