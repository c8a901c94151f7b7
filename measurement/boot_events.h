#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "measurement/bank_digests.h"
#include "measurement/firmware_profile.h"
#include "measurement/launch_configuration.h"
#include "measurement/varstore.h"

namespace measurement {

/// What one thing extended into a register, and therefore its digest, follows from.
enum class Provenance {
  input_file,         ///< what the owner gave: kernel, initrd, command line, UKI, variable store
  vm_shape,           ///< memory, vCPUs, devices, machine type: ACPI tables, SMBIOS, boot variables
  firmware_constant,  ///< the firmware build alone: separators, actions, variables it defines itself
  unpredictable,      ///< known to happen, its digest is not: the event's digests are zeros
};
/// "input_file"; as in JSON.
std::string_view name_of(Provenance provenance) noexcept;
/// The inverse; nullopt for another text.
std::optional<Provenance> provenance_named(std::string_view name) noexcept;

/// One thing the firmware or the kernel extends into a register, and why we know its digest.
struct BootEvent {
  unsigned pcr = 0;
  std::string type;  ///< TCG name: "EV_EFI_BOOT_SERVICES_APPLICATION"
  std::string what;  ///< for a person: "kernel", "command line", "initrd", "firmware constant: ..."
  Provenance provenance = Provenance::unpredictable;
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
  BankDigests kernel;                       ///< Authenticode digests of the kernel as the firmware reads it
  std::optional<BankDigests> initrd;        ///< of the file
  std::string command_line;                 ///< ASCII, without the word the firmware adds and without NUL
  VariableStore variables = {};             ///< what is enrolled; empty for an empty variable store or none
  std::optional<BootEvent> authority = {};  ///< under Secure Boot: authority_event() of the kernel, when it is known
  std::vector<BootEvent> pcr1 = {};  ///< all of PCR 1 with its separator, in order; empty when it is not predicted
};

/// The ordered events of PCR 2, 3, 4, 5, 7 and 9, and 1 when it is given, of a direct kernel boot (QEMU -kernel) of
/// OVMF with a TPM 2.0 and no device ROMs. Source: TCG PC Client Platform Firmware Profile 1.06, section 3.3; edk2
/// DxeTpm2MeasureBootLib, Tcg2Dxe; Linux drivers/firmware/efi/libstub/efi-stub-helper.c.
/// @throws base::Error{malformed} when the command line is empty or not printable ASCII
std::vector<BootEvent> predict_boot_events(const BootInputs& inputs);

/// What Alternative::what says of the next one.
inline constexpr std::string_view exit_boot_services_retried = "ExitBootServices had to be called a second time";
/// The events of the same boot when ExitBootServices failed once, because the memory map changed meanwhile, and was
/// called again. A legitimate outcome: always accept both. Source: edk2 Tcg2Dxe, OnExitBootServicesFailed().
std::vector<BootEvent> with_exit_boot_services_retry(const std::vector<BootEvent>& events);

/// Extends each event into its register, in order, from zero. A register with an unpredictable event is left out.
/// Source: TPM 2.0 Library part 1, section 17.2 (PCR extend).
PcrValues fold(const std::vector<BootEvent>& events);

/// The building blocks of event lists.
BootEvent make_event(unsigned pcr, std::string type, std::string what, Provenance provenance,
                     const BankDigests& digests);
BootEvent separator_event(unsigned pcr);                        ///< EV_SEPARATOR of four zero bytes
BootEvent action_event(unsigned pcr, const std::string& text);  ///< EV_EFI_ACTION: the text without NUL
BootEvent calling_application_event();                          ///< PCR 4, before the first boot option is started
std::vector<BootEvent> exit_boot_services_events();             ///< PCR 5, when it succeeds at once
/// PCR 9, by the EFI stub of Linux: the load options, UTF-16 with NUL. @param text without NUL, UTF-8 or ASCII
BootEvent load_options_event(std::string_view text);
BootEvent initrd_event(const BankDigests& digests);  ///< PCR 9, by the EFI stub of Linux

}  // namespace measurement
