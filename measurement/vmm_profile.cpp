#include "measurement/vmm_profile.h"

#include <algorithm>
#include <array>

namespace measurement {
namespace {

constexpr base::Gpa top_of_48_bits{0xfffffffff000};
constexpr base::Gpa top_of_52_bits{0xffffffffff000};

VmmProfile legacy_qemu() {
  VmmProfile profile{"qemu-legacy", "QEMU of AMD's SNP trees on their kernels up to 6.8, FPU state zero", {}};
  profile.reset.mxcsr = 0;
  profile.reset.x87_control = 0;
  return profile;
}

VmmProfile ec2(std::string_view name, std::string_view describes, std::uint32_t rdx) {
  VmmProfile profile{name, describes, {0x9a, 0x9b, 0x92, 0x83, rdx, 0, 0}};
  profile.cpuid_last = true;
  return profile;
}

VmmProfile gce() {
  VmmProfile profile{"gce", "Google Compute Engine", {}, PageType::unmeasured};
  profile.reset.rdx = 0x600;
  profile.reset.mxcsr = 0;
  profile.reset.x87_control = 0;
  profile.reset.page_attribute_table = 0x00070106;
  profile.vmsa_by_product = true;
  return profile;
}

// Family 0x19 (base 0xf, extended 0xa), models 0x10 to 0x1f and 0xa0 to 0xaf.
bool is_genoa(std::uint32_t signature) noexcept {
  const std::uint32_t extended_model = signature >> 16U & 0xfU;
  return (signature & 0x0ff00f00U) == 0x00a00f00U && (extended_model == 0x1 || extended_model == 0xa);
}

}  // namespace

std::span<const VmmProfile> vmm_profiles() noexcept {
  static const std::array<VmmProfile, 5> profiles{VmmProfile{}, legacy_qemu(),
                                                  ec2("ec2", "Amazon EC2 since 2026 (RDX 0x600 at reset)", 0x600),
                                                  ec2("ec2-2025", "Amazon EC2 up to 2025 (RDX 0 at reset)", 0), gce()};
  return profiles;
}

const VmmProfile* find_vmm_profile(std::string_view name) noexcept {
  const auto all = vmm_profiles();
  const auto found = std::find_if(all.begin(), all.end(), [name](const VmmProfile& p) { return p.name == name; });
  return found == all.end() ? nullptr : &*found;
}

base::Gpa vmsa_address(const VmmProfile& profile, std::uint32_t cpuid_signature) noexcept {
  return profile.vmsa_by_product && is_genoa(cpuid_signature) ? top_of_52_bits : top_of_48_bits;
}

}  // namespace measurement
