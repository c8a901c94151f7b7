#pragma once
#include <string>

#include "base/bytes.h"

namespace measurement {

/// TCG event types that are told apart here. Source: TCG PC Client Platform Firmware Profile 1.06, section 10.4.1.
inline constexpr std::uint32_t ev_no_action = 0x03, ev_separator = 0x04, ev_action = 0x05, ev_event_tag = 0x06,
                               ev_s_crtm_version = 0x08, ev_platform_config_flags = 0x0a,
                               ev_efi_variable_driver_config = 0x80000001, ev_efi_variable_boot = 0x80000002,
                               ev_efi_boot_services_application = 0x80000003, ev_efi_boot_services_driver = 0x80000004,
                               ev_efi_runtime_services_driver = 0x80000005, ev_efi_gpt_event = 0x80000006,
                               ev_efi_action = 0x80000007, ev_efi_platform_firmware_blob2 = 0x8000000a,
                               ev_efi_handoff_tables2 = 0x8000000b, ev_efi_variable_boot2 = 0x8000000c,
                               ev_efi_variable_authority = 0x800000e0;

/// The data of an event about a variable (UEFI_VARIABLE_DATA).
struct LoggedVariable {
  std::string guid;  ///< vendor
  std::string name;  ///< UTF-8
  base::Bytes data;  ///< a view
};
/// Source: TCG PC Client Platform Firmware Profile 1.06, section 10.4.2.
/// @throws base::Error{malformed} with the offset
LoggedVariable logged_variable(base::Bytes event_data);

}  // namespace measurement
