#include "measurement/snp.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/error.h"
#include "measurement/vmsa.h"

namespace measurement {
namespace {

constexpr std::uint64_t four_gib = 1ULL << 32U;

bool is_kernel_hashes(const SevSection& section) {
  return section.type == SevSectionType::kernel_hashes;
}

[[noreturn]] void lacks(const std::string& what) {
  throw base::Error(base::Kind::failure, "firmware: " + what);
}

}  // namespace

PageType page_type(SevSectionType type, const VmmProfile& profile) noexcept {
  switch (type) {
    case SevSectionType::memory:
      return profile.memory_sections;
    case SevSectionType::secrets:
      return PageType::secrets;
    case SevSectionType::cpuid:
      return PageType::cpuid;
    case SevSectionType::svsm_caa:
    case SevSectionType::kernel_hashes:
      break;
  }
  return PageType::zero;
}

LaunchDigest firmware_launch_digest(base::Bytes firmware) {
  check_firmware_size(firmware);
  LaunchPages pages;
  pages.add_measured(PageType::normal, {four_gib - firmware.size()}, firmware);
  return pages.digest();
}

SnpLaunches::SnpLaunches(const LaunchDigest& firmware_digest, SevFirmware firmware, VmmProfile profile)
    : firmware_(std::move(firmware)), profile_(profile), sections_(firmware_.sections), shared_pages_(firmware_digest) {
  if (profile_.cpuid_last)
    std::stable_partition(sections_.begin(), sections_.end(),
                          [](const SevSection& section) { return section.type != SevSectionType::cpuid; });
  while (shared_ < sections_.size() && !is_kernel_hashes(sections_[shared_]))
    add(shared_pages_, sections_[shared_++], {});
}

void SnpLaunches::add(LaunchPages& pages, const SevSection& section, const SnpGuest& guest) const {
  if (is_kernel_hashes(section) && guest.kernel)
    pages.add(PageType::normal, {section.gpa}, kernel_hashes_contents(*guest.kernel, section));
  else
    pages.add_unmeasured(page_type(section.type, profile_), {section.gpa}, section.size);
}

base::Sha384 SnpLaunches::kernel_hashes_contents(const KernelHashes& kernel, const SevSection& section) const {
  const HashTable table = firmware_.boot.hash_table.value();
  if (table.address < section.gpa || table.address - section.gpa >= section.size)
    lacks("kernel hash table at " + base::hex_number(table.address) + " is outside its section at " +
          base::hex_number(section.gpa));
  return base::sha384(kernel_hashes_page(kernel, table.address % page_size));
}

const SnpLaunches::Vmsas& SnpLaunches::vmsas(const SnpGuest& guest) {
  const auto [found, made] = vmsas_.try_emplace({guest.cpuid_signature, guest.sev_features});
  if (!made) return found->second;
  VcpuReset reset{Processor::boot, 0xfffffff0, guest.cpuid_signature, guest.sev_features};
  found->second.boot = base::sha384(vmsa_page(reset, profile_.reset));
  if (!firmware_.boot.reset_address) return found->second;
  reset.processor = Processor::application;
  reset.address = *firmware_.boot.reset_address;
  found->second.application = base::sha384(vmsa_page(reset, profile_.reset));
  return found->second;
}

void SnpLaunches::check(const SnpGuest& guest) const {
  check_vcpus(guest.vcpus, firmware_.boot);
  if (guest.kernel &&
      (std::none_of(sections_.begin(), sections_.end(), is_kernel_hashes) || !firmware_.boot.hash_table))
    lacks(
        "no SNP kernel-hashes section, so the kernel would not be measured; install a build with it "
        "(Debian: package ovmf-amdsev, /usr/share/ovmf/OVMF.amdsev.fd)");
}

const std::vector<LaunchDigest>& SnpLaunches::digests(const SnpGuest& guest) {
  check(guest);
  LaunchPages pages = shared_pages_;
  for (std::size_t i = shared_; i < sections_.size(); ++i) add(pages, sections_[i], guest);
  const Vmsas& contents = vmsas(guest);
  const base::Gpa gpa = vmsa_address(profile_, guest.cpuid_signature);
  digests_.clear();
  for (unsigned vcpu = 0; vcpu < guest.vcpus; ++vcpu) {
    pages.add(PageType::vmsa, gpa, vcpu == 0 ? contents.boot : contents.application);
    digests_.push_back(pages.digest());
  }
  return digests_;
}

}  // namespace measurement
