#include "measurement/sev.h"

#include "base/crypto.h"
#include "base/error.h"
#include "measurement/ovmf.h"
#include "measurement/vmsa.h"

namespace measurement {
namespace {

/// Hashes what comes before the vCPUs.
base::Hasher begin(base::Bytes firmware, const std::optional<KernelHashes>& kernel, const SevBootBlocks& boot) {
  if (kernel && !boot.hash_table)
    throw base::Error(base::Kind::failure,
                      "firmware: no table for kernel hashes, so it cannot start a measured kernel; install a build for "
                      "AMD SEV (Debian: package ovmf-amdsev, /usr/share/ovmf/OVMF.amdsev.fd)");
  base::Hasher hasher(base::Hasher::Algorithm::sha256);
  hasher.update(firmware);
  if (kernel) hasher.update(kernel_hashes_table(*kernel));
  return hasher;
}

}  // namespace

SevLaunchDigest sev_launch_digest(base::Bytes firmware, const std::optional<KernelHashes>& kernel) {
  check_firmware_size(firmware);
  const SevBootBlocks boot = kernel ? read_sev_boot_blocks(firmware) : SevBootBlocks{};
  return SevLaunchDigest::from(begin(firmware, kernel, boot).finish());
}

std::vector<SevLaunchDigest> sev_es_launch_digests(const SevEsLaunch& launch) {
  check_firmware_size(launch.firmware);
  const SevBootBlocks boot = read_sev_boot_blocks(launch.firmware);
  check_vcpus(launch.vcpus, boot);
  ResetProfile profile;
  if (launch.vm_type == SevEsVmType::legacy) profile.mxcsr = profile.x87_control = 0;
  VcpuReset reset{Processor::boot, 0xfffffff0, launch.cpuid_signature, launch.sev_features};
  base::Hasher hasher = begin(launch.firmware, launch.kernel, boot);
  hasher.update(vmsa_page(reset, profile));
  std::vector<SevLaunchDigest> digests{SevLaunchDigest::from(hasher.so_far())};
  if (launch.vcpus == 1) return digests;
  reset.processor = Processor::application;
  reset.address = boot.reset_address.value();
  const base::Buffer application = vmsa_page(reset, profile);
  while (digests.size() < launch.vcpus) {
    hasher.update(application);
    digests.push_back(SevLaunchDigest::from(hasher.so_far()));
  }
  return digests;
}

base::Sha256 sev_launch_measure(base::Bytes integrity_key, const SevLaunchSession& session,
                                const SevLaunchDigest& digest) {
  if (integrity_key.size() != 16)
    throw base::Error(base::Kind::malformed,
                      "transport integrity key: got " + std::to_string(integrity_key.size()) + " bytes, wanted 16");
  struct Message {
    std::uint8_t context = 4, api_major = 0, api_minor = 0, build = 0;
    base::le32 policy;
    std::array<std::uint8_t, 32> digest;
    std::array<std::uint8_t, 16> nonce;
  };
  static_assert(sizeof(Message) == 56);
  const Message message{
      4, session.api_major, session.api_minor, session.build, session.policy, digest.bytes, session.nonce};
  return base::Sha256::from(base::hmac_sha256(integrity_key, base::layout_bytes(message)));
}

}  // namespace measurement
