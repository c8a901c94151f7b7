#pragma once
#include "measurement/platform_events.h"
#include "measurement/uki_events.h"

namespace measurement {

/// All of PCR 1 of a boot that QEMU -kernel starts, in order: platform_events() and the separator. An OVMF built with
/// SMM (OVMF_CODE_4M.secboot.fd, which needs smm=on) measures SMBIOS after the separator and is not covered.
/// @throws base::Error as platform_events()
std::vector<BootEvent> pcr1_events(const PlatformInputs& inputs);

/// Sets what of a unified image's boot follows from the hypervisor's tables; does nothing without any.
void add_pcr1(UkiInputs& inputs, const FwCfgFiles& files);

}  // namespace measurement
