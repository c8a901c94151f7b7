#include "measurement/vmsa.h"

#include <cstddef>

namespace measurement {
namespace {

struct Segment {
  base::le16 selector, attributes;
  base::le32 limit;
  base::le64 base;
};
static_assert(sizeof(Segment) == 16);

template <std::size_t N>
using Gap = std::array<std::uint8_t, N>;

/// Table B-4; fields that are zero at launch are gaps.
struct SaveArea {
  Segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
  Gap<0x30> gap_a0;
  base::le64 efer;
  Gap<0x70> gap_d8;
  base::le64 cr4, cr3, cr0, dr7, dr6, rflags, rip;
  Gap<0xe8> gap_180;
  base::le64 g_pat;
  Gap<0xa0> gap_270;
  base::le64 rdx;
  Gap<0x98> gap_318;
  base::le64 sev_features;
  Gap<0x30> gap_3b8;
  base::le64 xcr0;
  Gap<0x18> gap_3f0;
  base::le32 mxcsr;
  base::le16 x87_tag, x87_status, x87_control;
  Gap<0xbee> gap_412;
};
static_assert(sizeof(SaveArea) == 4096);
static_assert(offsetof(SaveArea, efer) == 0xd0 && offsetof(SaveArea, cr4) == 0x148 && offsetof(SaveArea, rip) == 0x178);
static_assert(offsetof(SaveArea, g_pat) == 0x268 && offsetof(SaveArea, rdx) == 0x310);
static_assert(offsetof(SaveArea, sev_features) == 0x3b0 && offsetof(SaveArea, xcr0) == 0x3e8);
static_assert(offsetof(SaveArea, mxcsr) == 0x408 && offsetof(SaveArea, x87_control) == 0x410);

Segment segment(std::uint16_t selector, std::uint16_t attributes, std::uint64_t base) {
  return {selector, attributes, std::uint32_t{0xffff}, base};
}

}  // namespace

base::Buffer vmsa_page(const VcpuReset& reset) {
  SaveArea area{};
  area.es = area.ds = area.fs = area.gs = area.ss = segment(0, 0x93, 0);
  area.cs = segment(0xf000, 0x9b, reset.address & 0xffff0000U);
  area.gdtr = area.idtr = segment(0, 0, 0);
  area.ldtr = segment(0, 0x82, 0);
  area.tr = segment(0, 0x8b, 0);
  area.efer = std::uint64_t{0x1000};  // SVME
  area.cr4 = std::uint64_t{0x40};     // MCE
  area.cr0 = std::uint64_t{0x10};
  area.dr7 = std::uint64_t{0x400};
  area.dr6 = std::uint64_t{0xffff0ff0};
  area.rflags = std::uint64_t{2};
  area.rip = std::uint64_t{reset.address & 0xffffU};
  area.g_pat = std::uint64_t{0x0007040600070406};
  area.rdx = std::uint64_t{reset.cpuid_signature};
  area.sev_features = reset.sev_features;
  area.xcr0 = std::uint64_t{1};
  area.mxcsr = std::uint32_t{0x1f80};
  area.x87_control = std::uint16_t{0x37f};
  return base::buffer_of(base::layout_bytes(area));
}

}  // namespace measurement
