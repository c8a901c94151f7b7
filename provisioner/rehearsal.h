#pragma once
#include <optional>
#include <string>

#include "measurement/tcg_log.h"
#include "provisioner/qemu_arguments.h"

namespace provisioner {

/// A launch to be tried on this machine.
struct Rehearsal {
  std::string program = "qemu-system-x86_64";
  GuestShape shape;
  std::string firmware;               ///< file, mapped as flash
  std::string kernel;                 ///< file given to -kernel: a bzImage or a unified kernel image
  std::optional<std::string> initrd;  ///< file
  std::string command_line;           ///< empty: none is given
  unsigned timeout_seconds = 120;
  std::string folder;  ///< exists and is empty; keeps the console's output
};

/// What a real TPM and a real firmware made of it.
struct RehearsedBoot {
  measurement::EventLog log;
  base::Buffer log_bytes;
  measurement::PcrValues pcrs;  ///< read from the TPM itself
};

/// Boots the launch under TCG with a fresh software TPM (banks SHA-256 and SHA-384), until the kernel has left the
/// firmware's boot services: then every register up to PCR 9 has its value, and neither an initrd of ours nor a
/// running kernel is needed. The log is the firmware's own, copied from the guest's memory; the registers are read from
/// the TPM of the stopped machine. Nothing is added to the launch, so nothing more is measured.
/// @throws base::Error{host} when QEMU, swtpm or the firmware's TPM support is missing or the guest does not get that
/// far in time: with the end of its console
RehearsedBoot rehearse(const Rehearsal& rehearsal);

/// Where the boot services end in a log: whether it has the event that says so.
bool has_left_boot_services(const measurement::EventLog& log);

}  // namespace provisioner
