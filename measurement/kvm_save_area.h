#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

/// What becomes of the VM save area of an IGVM file when QEMU loads it and KVM launches it. QEMU copies the registers
/// it knows into its vCPU; KVM builds the measured page from its own state. Predicted from their code, QEMU 10.2 and
/// Linux 7.2: no SNP hardware was at hand. Source: QEMU target/i386/sev.c, check_vmsa_supported() and
/// sev_apply_cpu_context(); Linux arch/x86/kvm/svm/sev.c, sev_es_sync_vmsa(), and svm.c, svm_set_cr0(), svm_set_cr4(),
/// svm_set_efer().
namespace measurement {

/// Whether KVM copies its vCPU's FPU state into the save area: it does for SNP and for VMs made with KVM_SEV_INIT2, and
/// leaves zeros for SEV-ES VMs of the older kind, which QEMU makes unless sev_features ask for more.
enum class KvmFpuState { synchronized, zero };

/// The page KVM launches for `page`. @param page 4096 bytes
base::Buffer kvm_save_area(base::Bytes page, KvmFpuState fpu);

/// "MXCSR 0x0 becomes 0x1f80" for each field in which the two pages of 4096 bytes differ.
std::vector<std::string> save_area_differences(base::Bytes file, base::Bytes launched);

/// The offset of the first byte that makes QEMU refuse the page, because it cannot carry that field to KVM.
std::optional<std::size_t> unsupported_by_qemu(base::Bytes page);

/// SEV_FEATURES of a page. @param page 4096 bytes
std::uint64_t sev_features(base::Bytes page);

}  // namespace measurement
