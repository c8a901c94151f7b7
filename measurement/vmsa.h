#pragma once
#include "base/bytes.h"

namespace measurement {

/// A vCPU's state at its reset as QEMU 9.1+ on KVM 6.11+ launches it.
struct VcpuReset {
  std::uint32_t address = 0xfffffff0;  ///< CS.base + IP
  std::uint32_t cpuid_signature = 0;   ///< CPUID.1.EAX, in RDX at reset
  std::uint64_t sev_features = 1;      ///< AMD APM volume 2, table B-3; bit 0 SNPActive
};

/// The 4096-byte VM save area of an SEV-SNP vCPU. Source: AMD 24593 (APM volume 2) revision 3.43, table B-4; Linux
/// arch/x86/kvm/svm/sev.c, sev_es_sync_vmsa().
base::Buffer vmsa_page(const VcpuReset& reset);

}  // namespace measurement
