#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"
#include "measurement/event_data.h"
#include "measurement/event_types.h"

namespace measurement {
namespace {

bool has_digest(const LogEvent& event, base::Bytes data) {
  if (!event.sha256 && !event.sha384) return false;
  return (!event.sha256 || *event.sha256 == base::sha256(data)) &&
         (!event.sha384 || *event.sha384 == base::sha384(data));
}

bool must_have_digest(std::uint32_t type) {
  switch (type) {
    case ev_separator:
    case ev_action:
    case ev_efi_action:
    case ev_efi_variable_driver_config:
    case ev_efi_variable_boot:
    case ev_efi_variable_boot2:
    case ev_efi_variable_authority:
    case ev_efi_gpt_event:
      return true;
    default:
      return false;
  }
}

// Firmware measures of a boot variable the value only, and logs it with vendor and name.
bool value_has_digest(const LogEvent& event) {
  try {
    return event.type == ev_efi_variable_boot && has_digest(event, logged_variable(event.data).data);
  } catch (const base::Error&) {
    return false;
  }
}

}  // namespace

std::string_view name_of(DataProof proof) noexcept {
  return proof == DataProof::proven ? "proven" : proof == DataProof::contradicted ? "contradicted" : "opaque";
}

LoggedVariable logged_variable(base::Bytes event_data) {
  base::ByteReader reader("variable event", event_data);
  LoggedVariable variable;
  variable.guid = base::guid_text(reader.take(16));
  const auto characters = reader.take<std::uint64_t>();
  const auto size = reader.take<std::uint64_t>();
  if (characters > reader.left() / 2) reader.fail("name of " + std::to_string(characters) + " characters");
  variable.name = base::from_utf16le(reader.take(characters * 2));
  variable.data = reader.take(size);
  reader.expect_end();
  return variable;
}

DataProof data_proof(const LogEvent& event) {
  if (has_digest(event, event.data) || value_has_digest(event)) return DataProof::proven;
  return must_have_digest(event.type) && (event.sha256 || event.sha384) ? DataProof::contradicted : DataProof::opaque;
}

}  // namespace measurement
