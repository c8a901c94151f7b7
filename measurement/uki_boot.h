#pragma once
#include <optional>

#include "measurement/prediction.h"
#include "measurement/uki_events.h"

namespace measurement {

/// The files of a boot of a unified kernel image, owned by somebody else. Without a disk it is started by QEMU -kernel;
/// on a disk it is \\EFI\\BOOT\\BOOTX64.EFI itself, or systemd-boot is.
struct UkiBootBytes {
  base::Bytes uki;
  std::optional<base::Bytes> disk;                  ///< a GPT disk, at least its first 34 sectors
  std::optional<base::Bytes> loader;                ///< systemd-boot
  std::optional<base::Bytes> loader_configuration;  ///< its loader.conf
};

/// Reads the files. What else the events follow from (variables, PCR 1, load options) is left at its defaults.
/// @throws base::Error{malformed} with the offset
UkiInputs uki_inputs(const FirmwareProfile& profile, const UkiBootBytes& bytes);

/// The legitimate other outcomes: a retried ExitBootServices and, under Secure Boot with a stub before 258, a firmware
/// that leaves the check of the kernel in the image to the stub and therefore does not measure it.
std::vector<Alternative> uki_alternatives(const UkiInputs& inputs);

}  // namespace measurement
