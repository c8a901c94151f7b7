#pragma once
#include "measurement/tdvf.h"

namespace measurement {

/// The hand-off block list as the firmware measures it into RTMR0: what QEMU writes, without the final end-of-list
/// block. It tells the firmware which memory is accepted already, so it depends on the sections and on the memory's
/// size. Source: QEMU hw/i386/tdvf-hob.c and target/i386/kvm/tdx.c; UEFI PI 1.8 volume 3, section 5.
/// @param memory of a q35 machine without max-ram-below-4g
/// @throws base::Error{malformed} when the firmware has no TD_HOB section or it is too small; Error{failure} when the
/// memory is too small for the sections
base::Buffer td_hob(const std::vector<TdvfSection>& sections, base::MiB memory);

}  // namespace measurement
