#pragma once
#include <optional>

#include "measurement/prediction.h"
#include "measurement/uki_events.h"

namespace measurement {

/// The files of a boot of a unified kernel image, owned by somebody else. Without a disk it is started by QEMU -kernel;
/// on a disk it is \EFI\BOOT\BOOTX64.EFI itself, or systemd-boot is.
struct UkiBootBytes {
  base::Bytes uki;
  std::optional<base::Bytes> disk;                  ///< a GPT disk, at least its first 34 sectors
  std::optional<base::Bytes> loader;                ///< systemd-boot
  std::optional<base::Bytes> loader_configuration;  ///< its loader.conf
};

/// Reads the files. What else the events follow from (PCR 1, load options) is left at its defaults.
/// @param variables what is enrolled: under Secure Boot an entry of db must verify what the firmware starts
/// @throws base::Error{malformed} with the offset; Error{failure} naming what Secure Boot would not start
UkiInputs uki_inputs(const FirmwareProfile& profile, const UkiBootBytes& bytes, const VariableStore& variables);

/// The legitimate other outcomes: a retried ExitBootServices and, under Secure Boot with a stub before 258, a firmware
/// that is asked about the kernel in the image before the stub answers for it, and therefore measures it.
std::vector<Alternative> uki_alternatives(const UkiInputs& inputs);

}  // namespace measurement
