#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "measurement/tcg_log.h"

namespace measurement {
namespace {

struct Name {
  std::uint32_t type;
  const char* name;
};
constexpr std::array names{
    Name{0x01, "EV_POST_CODE"},
    Name{0x03, "EV_NO_ACTION"},
    Name{0x04, "EV_SEPARATOR"},
    Name{0x05, "EV_ACTION"},
    Name{0x06, "EV_EVENT_TAG"},
    Name{0x07, "EV_S_CRTM_CONTENTS"},
    Name{0x08, "EV_S_CRTM_VERSION"},
    Name{0x09, "EV_CPU_MICROCODE"},
    Name{0x0a, "EV_PLATFORM_CONFIG_FLAGS"},
    Name{0x0b, "EV_TABLE_OF_DEVICES"},
    Name{0x0c, "EV_COMPACT_HASH"},
    Name{0x0d, "EV_IPL"},
    Name{0x0e, "EV_IPL_PARTITION_DATA"},
    Name{0x11, "EV_NONHOST_INFO"},
    Name{0x12, "EV_OMIT_BOOT_DEVICE_EVENTS"},
    Name{0x80000001, "EV_EFI_VARIABLE_DRIVER_CONFIG"},
    Name{0x80000002, "EV_EFI_VARIABLE_BOOT"},
    Name{0x80000003, "EV_EFI_BOOT_SERVICES_APPLICATION"},
    Name{0x80000004, "EV_EFI_BOOT_SERVICES_DRIVER"},
    Name{0x80000005, "EV_EFI_RUNTIME_SERVICES_DRIVER"},
    Name{0x80000006, "EV_EFI_GPT_EVENT"},
    Name{0x80000007, "EV_EFI_ACTION"},
    Name{0x80000008, "EV_EFI_PLATFORM_FIRMWARE_BLOB"},
    Name{0x80000009, "EV_EFI_HANDOFF_TABLES"},
    Name{0x8000000a, "EV_EFI_PLATFORM_FIRMWARE_BLOB2"},
    Name{0x8000000b, "EV_EFI_HANDOFF_TABLES2"},
    Name{0x8000000c, "EV_EFI_VARIABLE_BOOT2"},
    Name{0x800000e0, "EV_EFI_VARIABLE_AUTHORITY"},
};

}  // namespace

std::string event_type_name(std::uint32_t type) {
  const auto found = std::find_if(names.begin(), names.end(), [type](const Name& name) { return name.type == type; });
  return found == names.end() ? base::hex_number(type) : found->name;
}

}  // namespace measurement
