#pragma once
#include <map>

#include "measurement/igvm.h"
#include "measurement/launch_pages.h"
#include "measurement/sev.h"

namespace measurement {

/// How a page without file data is loaded. `native`: as PAGE_TYPE_ZERO (SNP), or not at all because guest memory is
/// zero (SEV, SEV-ES). `normal`: as a page that holds zeros.
enum class ZeroPages { normal, native };

/// One thing that is loaded, in the order of loading.
struct LaunchStep {
  enum class Kind { data, unmeasured, secrets, cpuid, save_area };
  Kind kind = Kind::data;
  base::Gpa gpa;
  std::uint64_t size = 0;  ///< bytes, whole 4096-byte pages
  base::Bytes data;        ///< of kind data: `size` bytes, or empty for zeros; views the file
  base::Buffer save_area;  ///< of kind save_area: one page
};
using LaunchSteps = std::vector<LaunchStep>;

/// What the file says, one directive after the other, as igvmmeasure and the igvm crate take it.
/// @param platform of the types snp, sev_es or sev
LaunchSteps igvm_file_order(const IgvmFile& file, const IgvmPlatform& platform);

/// What QEMU 10.1 and later loads for `pages`: it collects neighbouring pages and loads them when a page comes that
/// does not continue them, but inserts parameter areas at once. Save areas are not among them: KVM adds them last.
/// Source: QEMU 10.2 backends/igvm.c, qigvm_process_mem_page() and qigvm_directive_parameter_insert().
LaunchSteps igvm_qemu_page_order(const IgvmFile& file, const IgvmPlatform& platform);

/// The contexts of the file for a platform, by vCPU index.
std::map<std::uint16_t, const IgvmVpContext*> igvm_contexts(const IgvmFile& file, const IgvmPlatform& platform);

/// A step with the save area `page` at `gpa`.
LaunchStep save_area_step(base::Gpa gpa, base::Bytes page);

/// The launch digest of SNP.
LaunchDigest snp_digest_of(const LaunchSteps& steps, ZeroPages zero_pages);
/// The launch digest of SEV and SEV-ES: SHA-256 of all that is loaded encrypted.
SevLaunchDigest sev_digest_of(const LaunchSteps& steps, ZeroPages zero_pages);

}  // namespace measurement
