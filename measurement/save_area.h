#pragma once
#include <cstddef>

#include "base/bytes.h"

namespace measurement {

/// A segment register in a VM save area.
struct SavedSegment {
  base::le16 selector, attributes;
  base::le32 limit;
  base::le64 base;
};
static_assert(sizeof(SavedSegment) == 16);

template <std::size_t N>
using Gap = std::array<std::uint8_t, N>;

/// The VM save area of an SEV-ES or SEV-SNP vCPU, one page. Fields nobody sets before a launch are gaps.
/// Source: AMD 24593 (APM volume 2) revision 3.43, table B-4.
struct SaveArea {
  SavedSegment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
  Gap<0x30> gap_a0;
  base::le64 efer;
  Gap<0x70> gap_d8;
  base::le64 cr4, cr3, cr0, dr7, dr6, rflags, rip;
  Gap<0x58> gap_180;
  base::le64 rsp;
  Gap<0x18> gap_1e0;
  base::le64 rax;
  Gap<0x68> gap_200;
  base::le64 g_pat;
  Gap<0x98> gap_270;
  base::le64 rcx, rdx, rbx;
  Gap<8> gap_320;
  base::le64 rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15;
  Gap<0x30> gap_380;
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
static_assert(offsetof(SaveArea, rsp) == 0x1d8 && offsetof(SaveArea, rax) == 0x1f8);
static_assert(offsetof(SaveArea, g_pat) == 0x268 && offsetof(SaveArea, rcx) == 0x308 &&
              offsetof(SaveArea, rdx) == 0x310);
static_assert(offsetof(SaveArea, rbp) == 0x328 && offsetof(SaveArea, r8) == 0x340 && offsetof(SaveArea, r15) == 0x378);
static_assert(offsetof(SaveArea, sev_features) == 0x3b0 && offsetof(SaveArea, xcr0) == 0x3e8);
static_assert(offsetof(SaveArea, mxcsr) == 0x408 && offsetof(SaveArea, x87_control) == 0x410);

}  // namespace measurement
