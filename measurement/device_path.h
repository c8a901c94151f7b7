#pragma once
#include <string>

#include "base/bytes.h"

namespace measurement {

/// A device path for people, node by node: "PciRoot(0x0)/Pci(0x5,0x0)/HD(1,GPT,GUID)/File(\EFI\BOOT\BOOTX64.EFI)".
/// Nodes without a text form of ours are "Path(type,subtype,hex)"; it stops where the bytes are damaged.
/// Source: UEFI 2.10, sections 10.3 and 10.6.
std::string device_path_text(base::Bytes path);

}  // namespace measurement
