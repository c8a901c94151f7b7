#include "measurement/measure.h"

#include <charconv>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "measurement/cpu_models.h"

namespace measurement {
namespace {

constexpr HypervisorVersion offers_boot_file{10, 0};

/// The least QEMU that has the machine type: "pc-q35-10.0" needs 10.0; unknown for an unpinned one.
HypervisorVersion least_version_with(std::string_view machine) {
  HypervisorVersion version;
  const std::size_t dash = machine.rfind('-');
  if (dash == std::string_view::npos) return version;
  const char* const end = machine.data() + machine.size();
  const auto [dot, bad_major] = std::from_chars(machine.data() + dash + 1, end, version.major);
  if (bad_major != std::errc() || dot == end || *dot != '.') return {};
  const auto [rest, bad_minor] = std::from_chars(dot + 1, end, version.minor);
  return bad_minor == std::errc() && rest == end ? version : HypervisorVersion{};
}

bool reads_unpatched_kernel(const LaunchConfiguration& configuration, const FirmwareProfile& profile) {
  if (profile.kernel_source == KernelSource::legacy_items) return false;
  const HypervisorVersion hypervisor = configuration.hypervisor == HypervisorVersion{}
                                           ? least_version_with(configuration.machine)
                                           : configuration.hypervisor;
  if (hypervisor == HypervisorVersion{})
    throw base::Error(base::Kind::failure, "hypervisor version: not known, wanted one because this firmware (" +
                                               std::string(name_of(profile.generation)) +
                                               ") reads the kernel in another form from QEMU 10.0 and later; name "
                                               "the host's newest machine type in the site file, such as pc-q35-10.0");
  return hypervisor >= offers_boot_file;
}

TpmReferenceValues measure_emulated(const LaunchConfiguration& configuration, BootImages& images) {
  BootInputs inputs;
  inputs.profile = images.firmware_profile();
  inputs.kernel =
      reads_unpatched_kernel(configuration, inputs.profile)
          ? images.kernel_digests()
          : images.patched_kernel_digests({images.initrd_size(), configuration.memory, configuration.command_line});
  inputs.initrd = images.initrd_digests();
  inputs.command_line = configuration.command_line;
  TpmReferenceValues values;
  values.events = predict_boot_events(inputs);
  values.pcrs = fold(values.events);
  return values;
}

std::uint32_t signature_of(const LaunchConfiguration& configuration) {
  if (configuration.cpuid_signature) return *configuration.cpuid_signature;
  if (const auto signature = cpuid_signature(configuration.cpu_model)) return *signature;
  throw base::Error(base::Kind::failure, "cpu model '" + configuration.cpu_model +
                                             "': its CPUID signature is not known, wanted one of " + cpu_model_names() +
                                             ", or an explicit signature");
}

SnpReferenceValues measure_snp(const LaunchConfiguration& configuration, BootImages& images) {
  SnpGuest guest;
  guest.kernel = images.kernel_hashes(configuration.command_line);
  guest.cpuid_signature = signature_of(configuration);
  guest.vcpus = configuration.vcpus;
  SnpReferenceValues values;
  values.launch_digest = images.snp_launches().digests(guest).back();
  values.policy = configuration.snp_policy;
  return values;
}

}  // namespace

Measurement measure(const LaunchConfiguration& configuration, BootImages& images) {
  if (configuration.initrd.has_value() != images.initrd_size().has_value())
    throw base::Error(base::Kind::usage,
                      "initrd: the launch configuration and the boot files disagree about having one");
  switch (configuration.tee) {
    case base::Tee::emulated:
      return measure_emulated(configuration, images);
    case base::Tee::snp:
      return measure_snp(configuration, images);
    case base::Tee::tdx:
      break;
  }
  throw base::Error(base::Kind::failure, "tee: tdx: TDX measurement (MRTD and RTMRs) is not built yet");
}

Measurement measure(const LaunchConfiguration& configuration, const BootBytes& bytes) {
  BootImages images(bytes);
  return measure(configuration, images);
}

}  // namespace measurement
