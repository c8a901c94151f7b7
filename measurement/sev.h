#pragma once
#include <optional>
#include <vector>

#include "base/digest.h"
#include "measurement/kernel_hashes.h"

namespace measurement {

/// What the PSP measured of a SEV or SEV-ES guest: SHA-256 of all it was given.
using SevLaunchDigest = base::Digest<struct SevLaunchDigestTag, 32>;

/// A guest without SEV-ES: the firmware, then the kernel hashes. Source: AMD 55766 revision 3.24, section 6.4.
/// @param kernel absent: no -kernel
/// @throws base::Error{malformed} for firmware that does not parse; Error{failure} when it cannot take kernel hashes
SevLaunchDigest sev_launch_digest(base::Bytes firmware, const std::optional<KernelHashes>& kernel);

/// How KVM made the SEV-ES VM: it decides whether the FPU registers KVM_SEV_ES_INIT leaves zero are measured.
/// Source: Linux arch/x86/kvm/svm/sev.c, sev_es_sync_vmsa(); QEMU target/i386/sev.c, sev_init2_required().
enum class SevEsVmType {
  legacy,  ///< KVM_SEV_ES_INIT, QEMU's default: MXCSR and x87 control word zero
  init2,   ///< KVM_SEV_INIT2, QEMU with legacy-vm-type=off: their values at reset
};

struct SevEsLaunch {
  base::Bytes firmware;
  std::optional<KernelHashes> kernel;  ///< absent: no -kernel
  std::uint32_t cpuid_signature = 0;
  std::uint64_t sev_features = 0;
  SevEsVmType vm_type = SevEsVmType::legacy;
  unsigned vcpus = 1;  ///< 1 to most_vcpus
};

/// The launch digests of 1, 2, .. `vcpus` vCPUs: firmware, kernel hashes, then each vCPU's VMSA.
/// @throws base::Error{malformed} for firmware that does not parse or a bad vCPU count; Error{failure} when the
/// firmware lacks what the launch needs
std::vector<SevLaunchDigest> sev_es_launch_digests(const SevEsLaunch& launch);

/// What goes with the launch digest into the measurement LAUNCH_MEASURE returns.
struct SevLaunchSession {
  std::uint8_t api_major = 0, api_minor = 0, build = 0;  ///< of the PSP's firmware
  std::uint32_t policy = 0;
  std::array<std::uint8_t, 16> nonce{};  ///< MNONCE
};

/// MEASURE of LAUNCH_MEASURE: an HMAC with the session's transport integrity key, which only the guest's owner has.
/// Source: AMD 55766 revision 3.24, section 6.5.1. @param integrity_key TIK, 16 bytes @throws base::Error{malformed}
base::Sha256 sev_launch_measure(base::Bytes integrity_key, const SevLaunchSession& session,
                                const SevLaunchDigest& digest);

}  // namespace measurement
