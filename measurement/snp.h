#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "measurement/kernel_hashes.h"
#include "measurement/ovmf.h"

namespace measurement {

using LaunchDigest = base::Digest<struct LaunchDigestTag, 48>;

/// CPUID.1.EAX of a QEMU CPU model, any version of it ("EPYC-Milan", "EPYC-Milan-v2").
/// Source: QEMU target/i386/cpu.c. @returns nullopt for a model whose signature is the host's (host, max) or not known
std::optional<std::uint32_t> cpuid_signature(std::string_view cpu_model);

/// The pages QEMU loads before any other: the firmware. It is the same for all guests that share the firmware.
/// @param firmware a whole number of 4096-byte pages that ends at 4 GiB
LaunchDigest firmware_launch_digest(base::Bytes firmware);

struct SnpLaunch {
  LaunchDigest firmware_digest;        ///< from firmware_launch_digest()
  SevFirmware firmware;                ///< from read_sev_firmware()
  std::optional<KernelHashes> kernel;  ///< absent: no -kernel
  std::uint32_t cpuid_signature = 0;
  std::uint64_t sev_features = 1;
  unsigned vcpus = 1;  ///< 1 to 4096
};

/// The launch digests of 1, 2, .. `vcpus` vCPUs: element n-1 is that of n. VMM profile: QEMU 9.1 or later, KVM 6.11 or
/// later, no IGVM. Source: AMD 56860 revision 1.57, section 8.17 (SNP_LAUNCH_UPDATE), table 67 (PAGE_INFO).
/// @throws base::Error{failure} when the firmware lacks what the launch needs; Error{usage} for a bad vCPU count
std::vector<LaunchDigest> snp_launch_digests(const SnpLaunch& launch);

}  // namespace measurement
