#pragma once
#include <optional>
#include <string>

#include "base/json.h"
#include "measurement/launch_configuration.h"
#include "provisioner/fw_cfg.h"
#include "provisioner/pci_placement.h"
#include "provisioner/qemu_arguments.h"

namespace provisioner {

/// Which machine's tables are wanted, from which QEMU.
struct TablesRequest {
  std::string program = "qemu-system-x86_64";  ///< a path, or a name in PATH
  GuestShape shape;
  /// The processor's, where TCG's differs from the guest's: a TDX guest has that of its host.
  std::optional<AddressWidth> width;
  /// The machine's own arguments instead of those of `shape`, for guests Bulkhead does not define. Without a kernel,
  /// firmware or TPM; "-accel tcg", "-nodefaults", "-no-user-config" and "-display none" are added.
  std::vector<std::string> arguments;
};

/// The request for a guest as `apply` defines it, or one like it. A TD sees the address width of its host; those have
/// 46 bits and more, of which OVMF uses 46.
/// @throws base::Error{failure} for a machine type whose chipset is not q35: its tables are not known here
TablesRequest tables_request(const std::string& program, const GuestShape& shape);

/// What an unmodified QEMU hands to the firmware of that machine.
struct QemuTables {
  FwCfgFiles files;
  measurement::HypervisorVersion version;
};

/// The names QemuTables may hold; those that a machine does not have are absent.
const std::vector<std::string>& measured_fw_cfg_files();

/// Starts QEMU paused, programs its chipset and PCI ranges as OVMF does and reads what QEMU would give to the firmware.
/// No guest code runs, no KVM is used; takes about 0.1 s.
/// @throws base::Error{host} when QEMU (or, for a guest with a TPM, swtpm) is missing or does not take the machine,
/// base::Error{malformed} when it answers nonsense
QemuTables read_qemu_tables(const TablesRequest& request);

/// The same from `cache_directory`, filled when needed: an entry is found by the digest of the QEMU program's bytes and
/// of the request, and used only when it says so itself and its content has the digest it names.
QemuTables cached_qemu_tables(const TablesRequest& request, const std::string& cache_directory);

/// $XDG_CACHE_HOME/bulkhead, else /var/cache/bulkhead for root, else ~/.cache/bulkhead.
std::string default_cache_directory();

/// A cache entry's text and its inverse. @throws base::Error{malformed} unless it is an entry of that key and whole
std::string tables_entry(const QemuTables& tables, const base::Json& key);
QemuTables parse_tables_entry(std::string_view text, const base::Json& key);

}  // namespace provisioner
