#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/units.h"

/// Which TEE vouches for this guest? Not for its operator to choose: what the processor says and the measured command
/// line have to agree, and no device that the host adds or hides has a say.
namespace guest {

/// The command line of an emulated guest names the digest of its initdata, which PCR 9 covers. That of an SNP guest or
/// TD never does: their hardware says it, in HOST_DATA or MRCONFIGID. So a measured command line belongs to one or the
/// other, and a guest that its owners launch on hardware never takes a TPM's word instead.
/// @param processor confidential_processor()
/// @throws Error{not_attested} when processor and command line belong to different guests
base::Tee believed_tee(std::optional<base::Tee> processor, std::string_view command_line);

/// What Linux says of the processor it runs on: nullopt for an ordinary machine.
/// Source: Linux Documentation/ABI/testing/sysfs-devices-system-cpu (/sys/devices/system/cpu/sev, from 6.11 on, in SNP
/// guests only), arch/x86/include/asm/cpufeatures.h (the flag tdx_guest); the drivers' devices where there is neither.
/// @param root "" for this machine
std::optional<base::Tee> confidential_processor(const std::string& root);

}  // namespace guest
