#pragma once
#include "base/bytes.h"
#include "measurement/vmm_profile.h"

namespace measurement {

/// The first vCPU starts at the reset vector, all others where the firmware's SEV-ES reset block says.
enum class Processor { boot, application };

struct VcpuReset {
  Processor processor = Processor::boot;
  std::uint32_t address = 0xfffffff0;  ///< CS.base + IP
  std::uint32_t cpuid_signature = 0;   ///< CPUID.1.EAX, in RDX at reset where the profile does not fix it
  std::uint64_t sev_features = 1;      ///< AMD APM volume 2, table B-3; bit 0 SNPActive; 0 for SEV-ES
};

/// The 4096-byte VM save area of a vCPU at its reset, as `profile` launches it. Source: AMD 24593 (APM volume 2)
/// revision 3.43, table B-4; Linux arch/x86/kvm/svm/sev.c, sev_es_sync_vmsa().
base::Buffer vmsa_page(const VcpuReset& reset, const ResetProfile& profile = {});

}  // namespace measurement
