#pragma once
#include <map>
#include <string>
#include <vector>

#include "measurement/bank_digests.h"
#include "measurement/firmware_profile.h"
#include "measurement/launch_configuration.h"

namespace measurement {

/// One thing the firmware or the kernel extends into a register, and why we know its digest.
struct BootEvent {
  unsigned pcr = 0;
  std::string type;  ///< TCG name: "EV_EFI_BOOT_SERVICES_APPLICATION"
  std::string what;  ///< provenance for a person: "kernel", "command line", "initrd", "firmware constant: ..."
  base::Sha256 sha256;
  base::Sha384 sha384;
  bool operator==(const BootEvent&) const = default;
};

/// Register values by index, per bank. For a CC event log the index is that of the measurement register.
struct PcrValues {
  std::map<unsigned, base::Sha256> sha256;
  std::map<unsigned, base::Sha384> sha384;
  bool operator==(const PcrValues&) const = default;
};

/// What the events of a direct kernel boot follow from.
struct BootInputs {
  FirmwareProfile profile;
  BankDigests kernel;                 ///< Authenticode digests of the kernel as the firmware reads it
  std::optional<BankDigests> initrd;  ///< of the file
  std::string command_line;           ///< ASCII, without the word the firmware adds and without NUL
};

/// The ordered events of PCR 2, 3, 4, 5, 7 and 9 of a direct kernel boot (QEMU -kernel) of OVMF with a TPM 2.0, an
/// empty or no varstore and no device ROMs. Source: TCG PC Client Platform Firmware Profile 1.06, section 3.3; edk2
/// DxeTpm2MeasureBootLib, Tcg2Dxe; Linux drivers/firmware/efi/libstub/efi-stub-helper.c.
/// @throws base::Error{malformed} when the command line is empty or not printable ASCII
std::vector<BootEvent> predict_boot_events(const BootInputs& inputs);

/// Extends each event into its register, in order, from zero. Source: TPM 2.0 Library part 1, section 17.2 (PCR
/// extend).
PcrValues fold(const std::vector<BootEvent>& events);

}  // namespace measurement
