#include "measurement/igvm_measurement.h"

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "base/error.h"
#include "measurement/igvm_layout.h"
#include "measurement/ovmf.h"
#include "measurement/vmsa.h"

namespace measurement {
namespace {

namespace layout = igvm_layout;
using base::hex_number;
using Contexts = std::map<std::uint16_t, const IgvmVpContext*>;
using Warnings = std::vector<std::string>;

/// KVM's, whatever the file says. Source: Linux arch/x86/kvm/svm/sev.c, INITIAL_VMSA_GPA.
constexpr base::Gpa vmsa_gpa{0xfffffffff000};

const IgvmPlatform& choose_platform(const IgvmFile& file, std::optional<IgvmPlatformType> wanted) {
  using enum IgvmPlatformType;
  for (const IgvmPlatformType type : wanted ? std::vector{*wanted} : std::vector{snp, sev_es, sev})
    if (const IgvmPlatform* platform = file.platform(type)) return *platform;
  std::string names;
  for (const IgvmPlatform& platform : file.platforms)
    names += (names.empty() ? "" : ", ") + std::string(name_of(platform.type));
  throw base::Error(base::Kind::failure, "IGVM: the file is for " + names + ", wanted " +
                                             (wanted ? name_of(*wanted) : "SEV-SNP, SEV-ES or SEV"));
}

unsigned vcpus_of(const IgvmLaunch& launch, const Contexts& contexts) {
  if (!launch.vcpus) return contexts.empty() ? 1 : contexts.rbegin()->first + 1U;
  if (*launch.vcpus == 0 || *launch.vcpus > most_vcpus)
    throw base::Error(base::Kind::malformed,
                      "vCPUs: got " + std::to_string(*launch.vcpus) + ", wanted 1 to " + std::to_string(most_vcpus));
  return *launch.vcpus;
}

base::Buffer digest_of(const LaunchSteps& steps, IgvmPlatformType tee, ZeroPages zero_pages) {
  return tee == IgvmPlatformType::snp ? base::buffer_of(snp_digest_of(steps, zero_pages).view())
                                      : base::buffer_of(sev_digest_of(steps, zero_pages).view());
}

bool same(const LaunchStep& a, const LaunchStep& b) {
  return a.kind == b.kind && a.gpa == b.gpa && a.size == b.size;
}

std::string text_of(const LaunchStep& step) {
  static const std::map<LaunchStep::Kind, const char*> names{{LaunchStep::Kind::data, "page data"},
                                                             {LaunchStep::Kind::unmeasured, "unmeasured pages"},
                                                             {LaunchStep::Kind::secrets, "the secrets page"},
                                                             {LaunchStep::Kind::cpuid, "a CPUID page"},
                                                             {LaunchStep::Kind::save_area, "a vCPU's save area"}};
  return std::string(names.at(step.kind)) + " at " + hex_number(step.gpa.value);
}

void compare_orders(const LaunchSteps& file, const LaunchSteps& qemu, Warnings& warnings) {
  const auto [a, b] = std::mismatch(file.begin(), file.end(), qemu.begin(), qemu.end(), same);
  if (a == file.end() && b == qemu.end()) return;
  warnings.push_back("order: QEMU loads " + (b == qemu.end() ? "nothing more" : text_of(*b)) + " where the file has " +
                     (a == file.end() ? "no more" : text_of(*a)) + ", so their digests differ");
}

void compare_zero_pages(const LaunchSteps& file, ZeroPages zero_pages, Warnings& warnings) {
  const auto zeros = std::find_if(file.begin(), file.end(), [](const LaunchStep& step) {
    return step.kind == LaunchStep::Kind::data && step.data.empty();
  });
  if (zero_pages == ZeroPages::native && zeros != file.end())
    warnings.push_back("page " + hex_number(zeros->gpa.value) +
                       " has no data: QEMU loads and measures zeros, the file order does not, so their digests differ");
}

/// What QEMU has no handler for. Source: QEMU backends/igvm.c, handlers[].
void warn_of_unknown_directives(const IgvmFile& file, Warnings& warnings) {
  static const std::set<std::uint32_t> known{layout::required_memory, layout::vp_count, layout::madt,
                                             layout::memory_map, layout::environment_info};
  std::set<std::uint32_t> unknown;
  for (const IgvmDirective& directive : file.directives)
    if (const auto* other = std::get_if<IgvmOtherDirective>(&directive.content))
      if (!known.contains(other->type)) unknown.insert(other->type);
  for (const std::uint32_t type : unknown)
    warnings.push_back("QEMU refuses the file: it does not know directives of type " + hex_number(type));
}

void warn_of_pages(const IgvmFile& file, const IgvmPlatform& platform, Warnings& warnings) {
  for (const IgvmDirective& directive : file.directives) {
    const auto* page = std::get_if<IgvmPageData>(&directive.content);
    if (!page || (page->mask & platform.mask) == 0) continue;
    if (page->shared)
      warnings.push_back("page " + hex_number(page->gpa.value) +
                         " is shared: not measured in file order, but QEMU loads and measures it");
    if (page->type != IgvmPageType::normal && platform.type != IgvmPlatformType::snp)
      warnings.push_back("QEMU refuses the file: page " + hex_number(page->gpa.value) +
                         " is a secrets or CPUID page, which only SEV-SNP has");
  }
}

void warn_of_context(const IgvmVpContext& context, IgvmPlatformType tee, Warnings& warnings) {
  const std::string vcpu = "vCPU " + std::to_string(context.vp_index) + ": ";
  if (context.gpa != vmsa_gpa)
    warnings.push_back(vcpu + "QEMU refuses its save area at " + hex_number(context.gpa.value) + ", wanted " +
                       hex_number(vmsa_gpa.value));
  if (const auto offset = unsupported_by_qemu(context.data))
    warnings.push_back(vcpu + "QEMU refuses its save area: it cannot set the field at offset " + hex_number(*offset));
  if (((sev_features(context.data) & 1U) != 0) != (tee == IgvmPlatformType::snp))
    warnings.push_back(vcpu + "QEMU refuses its save area: bit 0 of SEV_FEATURES (SNPActive) is " +
                       (tee == IgvmPlatformType::snp ? "clear" : "set"));
}

/// The save areas KVM launches, in the order of vCPUs.
class KvmSaveAreas {
 public:
  KvmSaveAreas(const Contexts& contexts, const IgvmLaunch& launch, IgvmPlatformType tee)
      : contexts_(contexts), signature_(launch.cpuid_signature) {
    features_ =
        contexts.empty() ? (tee == IgvmPlatformType::snp ? 1U : 0U) : sev_features(contexts.begin()->second->data);
    // QEMU makes a SEV-ES VM of the new kind only when it must, for features other than none.
    fpu_ = tee == IgvmPlatformType::snp || features_ != 0 ? KvmFpuState::synchronized : KvmFpuState::zero;
  }

  /// nullopt when the file has no context for the vCPU and nothing says which CPU it resets to
  std::optional<base::Buffer> of(unsigned vcpu, Warnings& warnings) const {
    const auto found = contexts_.find(static_cast<std::uint16_t>(vcpu));
    if (found == contexts_.end()) {
      if (!signature_) return std::nullopt;
      return kvm_save_area(vmsa_page({Processor::boot, 0xfffffff0, *signature_, features_}), fpu_);
    }
    base::Buffer launched = kvm_save_area(found->second->data, fpu_);
    for (const std::string& difference : save_area_differences(found->second->data, launched))
      warnings.push_back("vCPU " + std::to_string(vcpu) +
                         ": KVM launches another save area than the file's: " + difference);
    return launched;
  }

 private:
  const Contexts& contexts_;
  std::optional<std::uint32_t> signature_;
  std::uint64_t features_ = 0;
  KvmFpuState fpu_ = KvmFpuState::zero;
};

/// Adds what KVM measures after QEMU's pages. @returns false when a vCPU's state is not known
bool add_kvm_save_areas(LaunchSteps& steps, const KvmSaveAreas& areas, unsigned vcpus, Warnings& warnings) {
  for (unsigned vcpu = 0; vcpu < vcpus; ++vcpu) {
    const std::optional<base::Buffer> page = areas.of(vcpu, warnings);
    if (!page) {
      warnings.push_back("the file has no context for vCPU " + std::to_string(vcpu) +
                         ": QEMU's digest needs its CPU model or CPUID signature");
      return false;
    }
    steps.push_back(save_area_step(vmsa_gpa, *page));
  }
  return true;
}

}  // namespace

IgvmMeasurement measure_igvm(const IgvmFile& file, const IgvmLaunch& launch) {
  const IgvmPlatform& platform = choose_platform(file, launch.tee);
  const Contexts contexts = igvm_contexts(file, platform);
  IgvmMeasurement measured{platform, vcpus_of(launch, contexts), {}, {}, {}, {}};
  Warnings& warnings = measured.warnings;
  if (platform.type == IgvmPlatformType::snp && !file.policy(platform.mask))
    warnings.push_back(
        "the file has no guest policy for SEV-SNP, so QEMU launches with policy 0x0, which firmware refuses");
  warn_of_unknown_directives(file, warnings);
  warn_of_pages(file, platform, warnings);

  const bool snp = platform.type == IgvmPlatformType::snp;
  const LaunchSteps in_file = igvm_file_order(file, platform);
  const ZeroPages zero_pages = snp ? launch.zero_pages : ZeroPages::native;
  measured.file = digest_of(in_file, platform.type, zero_pages);
  compare_zero_pages(in_file, zero_pages, warnings);

  LaunchSteps in_qemu = igvm_qemu_page_order(file, platform);
  const std::size_t pages = in_qemu.size();
  for (const auto& [index, context] : contexts) {
    in_qemu.push_back(save_area_step(context->gpa, context->data));
    warn_of_context(*context, platform.type, warnings);
    if (index >= measured.vcpus)
      warnings.push_back("QEMU refuses the file: it has a context for vCPU " + std::to_string(index));
  }
  measured.qemu_order = digest_of(in_qemu, platform.type, ZeroPages::normal);
  compare_orders(in_file, in_qemu, warnings);

  in_qemu.resize(pages);
  const unsigned save_areas = platform.type == IgvmPlatformType::sev ? 0 : measured.vcpus;
  if (add_kvm_save_areas(in_qemu, {contexts, launch, platform.type}, save_areas, warnings))
    measured.qemu = digest_of(in_qemu, platform.type, ZeroPages::normal);
  return measured;
}

const char* name_of(IgvmPlatformType type) noexcept {
  using enum IgvmPlatformType;
  switch (type) {
    case native:
      return "no isolation";
    case vsm:
      return "VSM";
    case snp:
      return "SEV-SNP";
    case tdx:
      return "TDX";
    case sev:
      return "SEV";
    case sev_es:
      return "SEV-ES";
    case cca:
      return "CCA";
  }
  return "?";
}

}  // namespace measurement
