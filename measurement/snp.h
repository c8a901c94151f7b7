#pragma once
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "measurement/kernel_hashes.h"
#include "measurement/launch_pages.h"
#include "measurement/ovmf.h"
#include "measurement/vmm_profile.h"

namespace measurement {

/// The pages QEMU loads before any other: the firmware. It is the same for all guests that share the firmware.
/// @param firmware a whole number of 4096-byte pages that ends at 4 GiB, at most 16 MiB
/// @throws base::Error{malformed} otherwise
LaunchDigest firmware_launch_digest(base::Bytes firmware);

/// How the pages of a section without measured contents are added.
PageType page_type(SevSectionType type, const VmmProfile& profile) noexcept;

/// What tells the launches of one firmware apart.
struct SnpGuest {
  std::optional<KernelHashes> kernel;  ///< absent: no -kernel
  std::uint32_t cpuid_signature = 0;
  std::uint64_t sev_features = 1;
  unsigned vcpus = 1;  ///< 1 to most_vcpus
};

/// The launches of one firmware by one hypervisor. Make it once for all guests that share them: the digest of the pages
/// before the kernel hashes and the contents of the VMSAs are worked out once. Not for use by several threads at a
/// time.
class SnpLaunches {
 public:
  /// @param firmware_digest from firmware_launch_digest()
  /// @param firmware from read_sev_firmware()
  SnpLaunches(const LaunchDigest& firmware_digest, SevFirmware firmware, VmmProfile profile = {});

  /// The launch digests of 1, 2, .. `guest.vcpus` vCPUs: element n-1 is that of n; one pass gives all.
  /// @throws base::Error{failure} when the firmware lacks what the launch needs; Error{malformed} for a bad vCPU count
  const std::vector<LaunchDigest>& digests(const SnpGuest& guest);

  [[nodiscard]] const VmmProfile& profile() const noexcept { return profile_; }
  [[nodiscard]] const SevFirmware& firmware() const noexcept { return firmware_; }

 private:
  struct Vmsas {
    base::Sha384 boot, application;
  };
  const Vmsas& vmsas(const SnpGuest& guest);
  void check(const SnpGuest& guest) const;
  [[nodiscard]] base::Sha384 kernel_hashes_contents(const KernelHashes& kernel, const SevSection& section) const;
  void add(LaunchPages& pages, const SevSection& section, const SnpGuest& guest) const;

  SevFirmware firmware_;
  VmmProfile profile_;
  std::vector<SevSection> sections_;                                ///< in the profile's order
  std::size_t shared_ = 0;                                          ///< of sections_, those before the kernel hashes
  LaunchPages shared_pages_;                                        ///< the firmware and those sections
  std::map<std::pair<std::uint32_t, std::uint64_t>, Vmsas> vmsas_;  ///< by signature and features
  std::vector<LaunchDigest> digests_;
};

}  // namespace measurement
