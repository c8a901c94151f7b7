#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "measurement/launch_pages.h"

namespace measurement {

/// The registers in which hypervisors differ when they start a vCPU; the rest is the same everywhere (vmsa.cpp).
struct ResetProfile {
  std::uint16_t boot_code_attributes = 0x9b;         ///< of CS, first vCPU
  std::uint16_t application_code_attributes = 0x9b;  ///< of CS, all others
  std::uint16_t stack_attributes = 0x93;             ///< of SS
  std::uint16_t task_attributes = 0x8b;              ///< of TR
  std::optional<std::uint32_t> rdx;                  ///< absent: the CPUID signature of the CPU model
  std::uint32_t mxcsr = 0x1f80;
  std::uint16_t x87_control = 0x37f;
  std::uint64_t page_attribute_table = 0x0007040600070406;
};

/// How one hypervisor, in one range of its versions, launches an SNP guest: its digest depends on this and not on the
/// silicon. The defaults are the profile "qemu".
struct VmmProfile {
  std::string_view name = "qemu";
  std::string_view describes = "QEMU 9.1 or later on KVM 6.11 or later, without IGVM";
  ResetProfile reset;
  PageType memory_sections = PageType::zero;  ///< type of the pages the firmware wants validated
  bool cpuid_last = false;                    ///< the CPUID page comes after all other sections
  bool vmsa_by_product = false;               ///< VMSAs at the product's highest address, not always below 2^48
};

/// Every profile there is, "qemu" first. Source: Linux arch/x86/kvm/svm/sev.c; QEMU target/i386/sev.c; for the clouds
/// virtee/sev-snp-measure 0.0.13 and google/gce-tcb-verifier.
std::span<const VmmProfile> vmm_profiles() noexcept;
/// nullptr when there is none of that name
const VmmProfile* find_vmm_profile(std::string_view name) noexcept;

/// Where the hypervisor puts the VMSAs of an SNP guest. @param cpuid_signature tells the product
base::Gpa vmsa_address(const VmmProfile& profile, std::uint32_t cpuid_signature) noexcept;

}  // namespace measurement
