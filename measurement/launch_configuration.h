#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/units.h"
#include "measurement/mrtd.h"
#include "measurement/smbios.h"

namespace measurement {

/// A file the firmware or the hypervisor loads, and what it must be.
struct BootFile {
  std::string path;
  base::Sha256 sha256;
  bool operator==(const BootFile&) const = default;
};

/// The hypervisor's release. It is measured through what it hands to the firmware: QEMU 10.0 began to offer the kernel
/// as it is on disk (fw_cfg etc/boot/kernel) beside the one it patches.
struct HypervisorVersion {
  unsigned major = 0, minor = 0;  ///< 0.0 means unknown: then a pinned machine type tells the least it can be
  auto operator<=>(const HypervisorVersion&) const = default;
};
/// "10.2" or "10.2.1"; nullopt for any other text.
std::optional<HypervisorVersion> hypervisor_version(std::string_view text);

/// Everything the launch measurement of one guest depends on. Both the measurement and the domain XML are computed from
/// this struct and from nothing else, so that they cannot disagree.
struct LaunchConfiguration {
  base::Tee tee = base::Tee::emulated;
  unsigned vcpus = 1;
  std::string cpu_model;  ///< QEMU's name: "EPYC-Milan", "qemu64"
  base::MiB memory;
  std::string machine = "q35";  ///< pin it: "pc-q35-10.0"
  BootFile firmware;
  BootFile kernel;
  std::optional<BootFile> initrd;
  std::string command_line;                      ///< without a terminating NUL
  std::uint64_t snp_policy = 0x30000;            ///< AMD 56860, guest policy; snp only
  std::optional<std::uint32_t> cpuid_signature;  ///< CPUID.1.EAX where cpu_model does not say it; snp only
  HypervisorVersion hypervisor;
  PageOrder tdx_page_order = PageOrder::single_pass;  ///< of the host's kernel and hypervisor; tdx only
  std::optional<ProcessorId> processor_id;            ///< where the SMBIOS tables come from another CPU; tdx only
  std::string vmm = "qemu";                           ///< the host's profile (vmm_profile.h); snp only
  bool operator==(const LaunchConfiguration&) const = default;
};

}  // namespace measurement
