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

/// The entry of db (EFI_SIGNATURE_DATA: owner and certificate, or SHA-256 digest) that lets the firmware start `image`:
/// the first certificate one of its signatures verifies under, else its digest; empty when there is none.
/// Source: edk2 SecurityPkg DxeImageVerificationLib; UEFI 2.10, section 32.4.1.
/// @throws base::Error{malformed} when `image` is no PE image or db no list of signatures
base::Buffer db_entry_of(base::Bytes image, const VariableStore& store);

/// The event of PCR 7 for an entry of db: it comes before the first image that is started because of it, once.
BootEvent authority_event(const std::string& image, base::Bytes db_entry);
/// The same when it is not known which entry of db it is.
BootEvent authority_event(const std::string& image);

}  // namespace measurement
