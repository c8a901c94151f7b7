#pragma once
#include <optional>
#include <string>
#include <vector>

#include "measurement/uki.h"

namespace measurement {

/// How the firmware comes to start a unified kernel image.
enum class UkiPath {
  removable_media,  ///< \EFI\BOOT\BOOTX64.EFI of a GPT disk is the image
  systemd_boot,     ///< \EFI\BOOT\BOOTX64.EFI of a GPT disk is systemd-boot, which starts the image
  qemu_kernel,      ///< QEMU -kernel
};

/// Who takes the measurements. A confidential guest's measurement registers get no tagged events of systemd, and none
/// of the stub before version 256.
enum class MeasuredBy { tpm, cc_registers };

/// systemd-boot and what it reads.
struct LoaderInputs {
  BankDigests image;                         ///< Authenticode digests
  unsigned version = 0;                      ///< systemd's major version
  std::optional<BankDigests> configuration;  ///< of \loader\loader.conf; absent when there is none
};

/// What the events of a boot of a unified kernel image follow from.
struct UkiInputs {
  FirmwareProfile profile;
  UkiPath path = UkiPath::qemu_kernel;
  MeasuredBy measured_by = MeasuredBy::tpm;
  Uki uki;
  BankDigests image;                         ///< Authenticode digests of the UKI as the firmware reads it
  BankDigests kernel;                        ///< Authenticode digests of its section .linux
  std::optional<BankDigests> initrd;         ///< stub_initrd()
  std::optional<LoaderInputs> loader;        ///< exactly for UkiPath::systemd_boot
  std::optional<BootEvent> partition_table;  ///< gpt_event() of the disk; absent for UkiPath::qemu_kernel
  std::string load_options;            ///< what the firmware passes to the image: the command line of QEMU -append
  VariableStore variables;             ///< what is enrolled
  std::vector<BootEvent> authorities;  ///< under Secure Boot: authority_event() of each entry of db that is used
  std::vector<BootEvent> pcr1;         ///< as in BootInputs
  std::optional<base::Buffer> smbios;  ///< the SMBIOS structures; wanted with pcr1 for stub 262 and later
};

/// The ordered events of PCR 2, 3, 4, 5, 7, 9, 11 and 12, and 1 when it is given. Credentials, system extensions and
/// add-ons beside the image on the ESP are not modelled: there must be none.
/// Source: systemd src/boot (stub.c, boot.c, measure.c) of versions 252, 254, 257 and 262; edk2 DxeTpm2MeasureBootLib.
/// @throws base::Error{malformed} for a command line outside ASCII
std::vector<BootEvent> predict_uki_events(const UkiInputs& inputs);

/// What the event of the inner kernel is called.
inline constexpr std::string_view kernel_in_image = "kernel in the image";
/// Whether the stub starts the kernel through the firmware, which then measures it (PCR 4): before version 258.
bool starts_kernel_as_image(const Uki& uki) noexcept;

/// The command line the stub gives to the kernel. @throws base::Error{malformed} for one outside ASCII
std::string kernel_command_line(const UkiInputs& inputs);

/// The events systemd 262 and later measure of SMBIOS (PCR 1): type 1 without its wake-up type, type 2 and every type
/// 11. @throws base::Error{malformed} for damaged structures
std::vector<BootEvent> stub_smbios_events(base::Bytes smbios);

}  // namespace measurement
