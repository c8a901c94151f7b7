#include "measurement/vmsa.h"

#include "measurement/save_area.h"

namespace measurement {
namespace {

SavedSegment segment(std::uint16_t selector, std::uint16_t attributes, std::uint64_t base) {
  return {selector, attributes, std::uint32_t{0xffff}, base};
}

}  // namespace

base::Buffer vmsa_page(const VcpuReset& reset, const ResetProfile& profile) {
  SaveArea area{};
  area.es = area.ds = area.fs = area.gs = segment(0, 0x93, 0);
  area.ss = segment(0, profile.stack_attributes, 0);
  area.cs = segment(
      0xf000, reset.processor == Processor::boot ? profile.boot_code_attributes : profile.application_code_attributes,
      reset.address & 0xffff0000U);
  area.gdtr = area.idtr = segment(0, 0, 0);
  area.ldtr = segment(0, 0x82, 0);
  area.tr = segment(0, profile.task_attributes, 0);
  area.efer = std::uint64_t{0x1000};  // SVME
  area.cr4 = std::uint64_t{0x40};     // MCE
  area.cr0 = std::uint64_t{0x10};
  area.dr7 = std::uint64_t{0x400};
  area.dr6 = std::uint64_t{0xffff0ff0};
  area.rflags = std::uint64_t{2};
  area.rip = std::uint64_t{reset.address & 0xffffU};
  area.g_pat = profile.page_attribute_table;
  area.rdx = std::uint64_t{profile.rdx.value_or(reset.cpuid_signature)};
  area.sev_features = reset.sev_features;
  area.xcr0 = std::uint64_t{1};
  area.mxcsr = profile.mxcsr;
  area.x87_control = profile.x87_control;
  return base::buffer_of(base::layout_bytes(area));
}

}  // namespace measurement
