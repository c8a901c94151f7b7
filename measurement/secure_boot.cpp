#include "measurement/secure_boot.h"

#include <array>

namespace measurement {
namespace {

constexpr std::string_view secure_boot_enable_guid = "f0a30bc7-af08-4556-99c4-001009c93a44";

// UEFI_VARIABLE_DATA: GUID, count of characters, size of data, name without NUL, data (TCG PFP 1.06, section 10.4.2).
struct VariableDataHeader {
  std::array<std::uint8_t, 16> guid;
  base::le64 characters, data_size;
};
static_assert(sizeof(VariableDataHeader) == 32);

BankDigests variable_digests(std::string_view guid, std::string_view name, base::Bytes data) {
  const VariableDataHeader header{base::guid_bytes(guid), std::uint64_t{name.size()}, std::uint64_t{data.size()}};
  const base::Buffer wide = base::utf16le(name);
  const std::array<base::Bytes, 3> parts{base::layout_bytes(header), wide, data};
  return digests_of(parts);
}

BootEvent variable_event(std::string_view guid, std::string_view name, base::Bytes data, Provenance provenance) {
  return make_event(7, "EV_EFI_VARIABLE_DRIVER_CONFIG",
                    std::string(name) + " variable" + (data.empty() ? " (not set)" : ""), provenance,
                    variable_digests(guid, name, data));
}

}  // namespace

bool secure_boot_enabled(const FirmwareProfile& profile, const VariableStore& store) {
  if (profile.secure_boot == SecureBootVariable::undefined || store.data(global_variable_guid, "PK").empty())
    return false;
  const base::Bytes enable = store.data(secure_boot_enable_guid, "SecureBootEnable");
  return enable.empty() || enable.front() == 1;
}

std::vector<BootEvent> secure_boot_events(const FirmwareProfile& profile, const VariableStore& store) {
  const Provenance provenance = store.variables.empty() ? Provenance::firmware_constant : Provenance::input_file;
  const std::array<std::uint8_t, 1> value{secure_boot_enabled(profile, store) ? std::uint8_t{1} : std::uint8_t{0}};
  const bool defined = profile.secure_boot == SecureBootVariable::zero;
  std::vector<BootEvent> events{
      variable_event(global_variable_guid, "SecureBoot", defined ? base::Bytes(value) : base::Bytes(), provenance)};
  for (const char* const name : {"PK", "KEK"})
    events.push_back(variable_event(global_variable_guid, name, store.data(global_variable_guid, name), provenance));
  for (const char* const name : {"db", "dbx"})
    events.push_back(variable_event(image_security_guid, name, store.data(image_security_guid, name), provenance));
  if (const base::Bytes dbt = store.data(image_security_guid, "dbt"); !dbt.empty())
    events.push_back(variable_event(image_security_guid, "dbt", dbt, provenance));
  events.push_back(separator_event(7));
  return events;
}

BootEvent authority_event(const std::string& image, base::Bytes db_entry) {
  return make_event(7, "EV_EFI_VARIABLE_AUTHORITY", "the entry of db that " + image + " is signed with",
                    Provenance::input_file, variable_digests(image_security_guid, "db", db_entry));
}

BootEvent authority_event(const std::string& image) {
  return make_event(7, "EV_EFI_VARIABLE_AUTHORITY", "the entry of db that " + image + " is signed with",
                    Provenance::unpredictable, {});
}

}  // namespace measurement
