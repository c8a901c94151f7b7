#pragma once
#include <string>
#include <vector>

#include "measurement/boot_events.h"
#include "measurement/varstore.h"

namespace measurement {

/// Vendor GUIDs of the variables of Secure Boot. Source: UEFI 2.10, sections 3.3 and 32.6.1.
inline constexpr std::string_view global_variable_guid = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
inline constexpr std::string_view image_security_guid = "d719b2cb-3d3a-4596-a3bc-dad00e67656f";

/// Whether the firmware checks signatures: it was built to, a platform key is enrolled and SecureBootEnable is not 0
/// (unset means enabled). Source: edk2 SecurityPkg AuthVariableLib, InitSecureBootVariables().
bool secure_boot_enabled(const FirmwareProfile& profile, const VariableStore& store);

/// The events of PCR 7 before any image is loaded: SecureBoot, PK, KEK, db, dbx, dbt when it is set, and the separator.
/// Source: TCG PC Client Platform Firmware Profile 1.06, section 3.3.4.8; edk2 Tcg2Dxe, MeasureAllSecureVariables().
/// @param store what is enrolled; empty for an empty variable store or none
std::vector<BootEvent> secure_boot_events(const FirmwareProfile& profile, const VariableStore& store);

/// The event of PCR 7 that says which entry of db let `image` be started: expected once for each entry that is used
/// first. Which one is not predicted (it takes a check of the image's Authenticode signature).
BootEvent authority_event(const std::string& image);

}  // namespace measurement
