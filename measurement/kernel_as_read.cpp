#include "measurement/kernel_as_read.h"

#include <string_view>

#include "base/error.h"

namespace measurement {
namespace {

constexpr HypervisorVersion offers_boot_file{10, 0}, spares_kernels_of_tds{10, 2};

/// The least QEMU that has the machine type: "pc-q35-10.0" needs 10.0; unknown for an unpinned one.
HypervisorVersion least_version_with(std::string_view machine) {
  const std::size_t dash = machine.rfind('-');
  if (dash == std::string_view::npos) return {};
  return hypervisor_version(machine.substr(dash + 1)).value_or(HypervisorVersion{});
}

/// From which QEMU on the kernel is read as it is; nullopt when none does that.
std::optional<HypervisorVersion> unpatched_from(const LaunchConfiguration& configuration,
                                                const FirmwareProfile& profile) {
  if (profile.kernel_source == KernelSource::boot_file_first) return offers_boot_file;
  return configuration.tee == base::Tee::tdx ? std::optional(spares_kernels_of_tds) : std::nullopt;
}

bool is_unpatched(const LaunchConfiguration& configuration, const FirmwareProfile& profile) {
  const auto from = unpatched_from(configuration, profile);
  if (!from) return false;
  const HypervisorVersion hypervisor = configuration.hypervisor == HypervisorVersion{}
                                           ? least_version_with(configuration.machine)
                                           : configuration.hypervisor;
  if (hypervisor == HypervisorVersion{})
    throw base::Error(base::Kind::failure,
                      "hypervisor version: not known, wanted one because this firmware (" +
                          std::string(name_of(profile.generation)) + ") reads the kernel in another form from QEMU " +
                          std::to_string(from->major) + "." + std::to_string(from->minor) +
                          " and later; name the host's newest machine type in the site file, such as pc-q35-10.0");
  return hypervisor >= *from;
}

}  // namespace

const BankDigests& kernel_as_read(const LaunchConfiguration& configuration, BootImages& images) {
  if (is_unpatched(configuration, images.firmware_profile())) return images.kernel_digests();
  return images.patched_kernel_digests({images.initrd_size(), configuration.memory, configuration.command_line});
}

}  // namespace measurement
