#pragma once
#include <vector>

#include "measurement/launch_pages.h"

namespace measurement {

/// A guest of COCONUT's QEMU up to svsm-v8, which loads a Secure VM Service Module (svsm.bin) beside the firmware
/// instead of an IGVM file. Newer ones use IGVM.
struct SvsmLaunch {
  base::Bytes firmware;              ///< OVMF, ends at 4 GiB
  std::uint64_t variables_size = 0;  ///< bytes of the variable store below the firmware, whole pages; not measured
  base::Bytes svsm;                  ///< ends below the variable store
  std::uint32_t cpuid_signature = 0;
  unsigned vcpus = 1;  ///< 1 to most_vcpus
};

/// The launch digests of 1, 2, .. `vcpus` vCPUs: firmware, SVSM, the sections the SVSM's metadata names, then the
/// VMSAs, which are all alike and start at the SVSM's entry. SEV features are 1 and the x87 control word is 0, as
/// virtee/sev-snp-measure has it, whose values COCONUT confirmed on hardware.
/// @throws base::Error{malformed} for files that do not parse or a bad vCPU count
std::vector<LaunchDigest> svsm_launch_digests(const SvsmLaunch& launch);

}  // namespace measurement
