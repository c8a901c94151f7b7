#pragma once
#include "base/digest.h"
#include "measurement/tdvf.h"

namespace measurement {

using Mrtd = base::Digest<struct MrtdTag, 48>;

/// In which order the VMM adds the pages of a section and extends MRTD with their content.
enum class PageOrder {
  single_pass,  ///< page by page: Linux's KVM_TDX_INIT_MEM_REGION, so QEMU 10.1 and later
  two_pass,     ///< all pages of a section, then all content: Ubuntu 24.04's kernel and QEMU, intel qemu-tdx 8.2
};

/// What TDH.MR.FINALIZE leaves in MRTD when the pages of `sections` are added in order. Memory size, vCPUs, devices and
/// the command line are not part of it. One SHA-384 stream over the content and 128 bytes for each page and chunk.
/// Source: Intel 348551 (TDX Module Base Specification) 1.5, sections 12.1 and 12.2; Intel 348551 ABI, TDH.MEM.PAGE.ADD
/// and TDH.MR.EXTEND.
/// @param firmware the image `sections` were read from by read_tdvf()
/// @throws base::Error{failure} when the content of the hand-off block is measured: it depends on the memory's size
Mrtd mrtd(base::Bytes firmware, const std::vector<TdvfSection>& sections, PageOrder order);

}  // namespace measurement
