#pragma once
#include <string>

#include "measurement/igvm_launch.h"
#include "measurement/kvm_save_area.h"

namespace measurement {

/// How an IGVM file is launched.
struct IgvmLaunch {
  std::optional<IgvmPlatformType>
      tee;  ///< snp, sev_es or sev; absent: the strongest the file supports, as QEMU chooses
  ZeroPages zero_pages = ZeroPages::normal;      ///< of the file order; QEMU always loads pages that hold zeros
  std::optional<unsigned> vcpus;                 ///< absent: as many as the file has contexts for, at least 1
  std::optional<std::uint32_t> cpuid_signature;  ///< CPUID.1.EAX, in RDX of the vCPUs the file has no context for
};

/// The launch digests of one file: 48 bytes for SNP, 32 for SEV-ES and SEV.
struct IgvmMeasurement {
  IgvmPlatform platform;
  unsigned vcpus = 1;
  base::Buffer file;                 ///< in file order, save areas as they are in the file
  base::Buffer qemu_order;           ///< in QEMU's order, save areas as they are in the file
  std::optional<base::Buffer> qemu;  ///< in QEMU's order, save areas as KVM launches them; absent: see the warnings
  std::vector<std::string> warnings;
};

/// @throws base::Error{failure} when the file is for none of the platforms; Error{malformed} for a bad number of vCPUs
IgvmMeasurement measure_igvm(const IgvmFile& file, const IgvmLaunch& launch);

/// "SEV-SNP", "TDX", ..
const char* name_of(IgvmPlatformType type) noexcept;

}  // namespace measurement
