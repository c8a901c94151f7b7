#pragma once
#include "measurement/boot_events.h"

namespace measurement {

/// What the firmware measures of the disk it starts from (PCR 5): the primary header, and the entries that are in use.
/// @param disk the first sectors of a disk with sectors of 512 bytes: at least to the end of the partition entries
/// Source: UEFI 2.10, section 5.3; TCG PC Client Platform Firmware Profile 1.06, section 10.4.4.
/// @throws base::Error{malformed} with the offset when there is no partition table, or its checksums are wrong
BootEvent gpt_event(base::Bytes disk);

}  // namespace measurement
