#include "measurement/igvm_launch.h"

#include <algorithm>

#include "base/crypto.h"

namespace measurement {
namespace {

LaunchStep step_of(const IgvmPageData& page) {
  using Kind = LaunchStep::Kind;
  const Kind kind = page.type == IgvmPageType::secrets  ? Kind::secrets
                    : page.type != IgvmPageType::normal ? Kind::cpuid
                    : page.unmeasured                   ? Kind::unmeasured
                                                        : Kind::data;
  return {kind, page.gpa, page.size, kind == Kind::data ? page.data : base::Bytes(), {}};
}

LaunchStep step_of(const IgvmParameterInsert& insert) {
  return {LaunchStep::Kind::unmeasured, insert.gpa, insert.size, {}, {}};
}

/// The pages QEMU has read and not loaded yet.
class PendingPages {
 public:
  explicit PendingPages(LaunchSteps& loaded) : loaded_(loaded) {}
  void add(const IgvmPageData& page, std::size_t index) {
    if (last_ && !continues(page, index)) load();
    pending_.push_back(step_of(page));
    last_ = &page;
    last_index_ = index;
  }
  void load() {
    std::move(pending_.begin(), pending_.end(), std::back_inserter(loaded_));
    pending_.clear();
  }

 private:
  [[nodiscard]] bool continues(const IgvmPageData& page, std::size_t index) const {
    return index == last_index_ + 1 && page.gpa.value == last_->gpa.value + last_->size && page.size == last_->size &&
           page.type == last_->type && page.mask == last_->mask && page.unmeasured == last_->unmeasured &&
           page.shared == last_->shared && page.data.empty() == last_->data.empty();
  }

  LaunchSteps& loaded_;
  LaunchSteps pending_;
  const IgvmPageData* last_ = nullptr;
  std::size_t last_index_ = 0;
};

/// Pages of zeros as pages that hold zeros, whose SHA-384 is the same for all.
void add_zeros(LaunchPages& pages, const LaunchStep& step) {
  static const base::Sha384 zeros = base::sha384(base::Buffer(page_size));
  for (std::uint64_t offset = 0; offset < step.size; offset += page_size)
    pages.add(PageType::normal, {step.gpa.value + offset}, zeros);
}

void add_data(LaunchPages& pages, const LaunchStep& step, ZeroPages zero_pages) {
  if (!step.data.empty()) return pages.add_measured(PageType::normal, step.gpa, step.data);
  if (zero_pages == ZeroPages::normal) return add_zeros(pages, step);
  pages.add_unmeasured(PageType::zero, step.gpa, step.size);
}

}  // namespace

LaunchStep save_area_step(base::Gpa gpa, base::Bytes page) {
  return {LaunchStep::Kind::save_area, gpa, page_size, {}, base::buffer_of(page)};
}

LaunchSteps igvm_file_order(const IgvmFile& file, const IgvmPlatform& platform) {
  LaunchSteps steps;
  for (const IgvmDirective& directive : file.directives) {
    if (const auto* page = std::get_if<IgvmPageData>(&directive.content)) {
      if ((page->mask & platform.mask) != 0 && !page->shared) steps.push_back(step_of(*page));
    } else if (const auto* insert = std::get_if<IgvmParameterInsert>(&directive.content)) {
      if ((insert->mask & platform.mask) != 0) steps.push_back(step_of(*insert));
    } else if (const auto* context = std::get_if<IgvmVpContext>(&directive.content)) {
      if ((context->mask & platform.mask) != 0 && platform.type != IgvmPlatformType::sev)
        steps.push_back(save_area_step(context->gpa, context->data));
    }
  }
  return steps;
}

LaunchSteps igvm_qemu_page_order(const IgvmFile& file, const IgvmPlatform& platform) {
  LaunchSteps steps;
  PendingPages pending(steps);
  for (std::size_t index = 0; index < file.directives.size(); ++index) {
    const auto& content = file.directives[index].content;
    if (const auto* page = std::get_if<IgvmPageData>(&content)) {
      if ((page->mask & platform.mask) != 0) pending.add(*page, index);
    } else if (const auto* insert = std::get_if<IgvmParameterInsert>(&content)) {
      if ((insert->mask & platform.mask) != 0) steps.push_back(step_of(*insert));
    }
  }
  pending.load();
  return steps;
}

std::map<std::uint16_t, const IgvmVpContext*> igvm_contexts(const IgvmFile& file, const IgvmPlatform& platform) {
  std::map<std::uint16_t, const IgvmVpContext*> contexts;
  if (platform.type == IgvmPlatformType::sev) return contexts;
  for (const IgvmDirective& directive : file.directives)
    if (const auto* context = std::get_if<IgvmVpContext>(&directive.content))
      if ((context->mask & platform.mask) != 0) contexts.emplace(context->vp_index, context);
  return contexts;
}

LaunchDigest snp_digest_of(const LaunchSteps& steps, ZeroPages zero_pages) {
  LaunchPages pages;
  for (const LaunchStep& step : steps) {
    switch (step.kind) {
      case LaunchStep::Kind::data:
        add_data(pages, step, zero_pages);
        break;
      case LaunchStep::Kind::unmeasured:
        pages.add_unmeasured(PageType::unmeasured, step.gpa, step.size);
        break;
      case LaunchStep::Kind::secrets:
        pages.add_unmeasured(PageType::secrets, step.gpa, step.size);
        break;
      case LaunchStep::Kind::cpuid:
        pages.add_unmeasured(PageType::cpuid, step.gpa, step.size);
        break;
      case LaunchStep::Kind::save_area:
        pages.add_measured(PageType::vmsa, step.gpa, step.save_area);
        break;
    }
  }
  return pages.digest();
}

SevLaunchDigest sev_digest_of(const LaunchSteps& steps, ZeroPages zero_pages) {
  base::Hasher hasher(base::Hasher::Algorithm::sha256);
  const base::Buffer zeros(page_size);
  for (const LaunchStep& step : steps) {
    if (step.kind == LaunchStep::Kind::save_area) hasher.update(step.save_area);
    if (step.kind != LaunchStep::Kind::data) continue;
    if (!step.data.empty()) hasher.update(step.data);
    if (step.data.empty() && zero_pages == ZeroPages::normal)
      for (std::uint64_t offset = 0; offset < step.size; offset += page_size) hasher.update(zeros);
  }
  return SevLaunchDigest::from(std::move(hasher).finish());
}

}  // namespace measurement
