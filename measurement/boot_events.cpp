#include "measurement/boot_events.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace measurement {
namespace {

constexpr std::string_view global_variable = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
constexpr std::string_view image_security_database = "d719b2cb-3d3a-4596-a3bc-dad00e67656f";

BootEvent event(unsigned pcr, std::string type, std::string what, const BankDigests& digests) {
  return {pcr, std::move(type), std::move(what), digests.sha256, digests.sha384};
}

// UEFI_VARIABLE_DATA: GUID, count of characters, size of data, name without NUL, data (TCG PFP 1.06, section 10.4.2).
BootEvent variable_event(std::string_view guid, std::string_view name, base::Bytes data) {
  struct Header {
    std::array<std::uint8_t, 16> guid;
    base::le64 characters, data_size;
  };
  static_assert(sizeof(Header) == 32);
  const Header header{base::guid_bytes(guid), std::uint64_t{name.size()}, std::uint64_t{data.size()}};
  const base::Buffer wide = base::utf16le(name);
  const std::array<base::Bytes, 3> parts{base::layout_bytes(header), wide, data};
  return event(7, "EV_EFI_VARIABLE_DRIVER_CONFIG", std::string(name) + " variable" + (data.empty() ? " (not set)" : ""),
               digests_of(parts));
}

void append_secure_boot_variables(std::vector<BootEvent>& events, const FirmwareProfile& profile) {
  const std::array<std::uint8_t, 1> off{0};
  const bool defined = profile.secure_boot == SecureBootVariable::zero;
  events.push_back(variable_event(global_variable, "SecureBoot", defined ? base::Bytes(off) : base::Bytes()));
  events.push_back(variable_event(global_variable, "PK", {}));
  events.push_back(variable_event(global_variable, "KEK", {}));
  events.push_back(variable_event(image_security_database, "db", {}));
  events.push_back(variable_event(image_security_database, "dbx", {}));
}

BootEvent separator(unsigned pcr) {
  const std::array<std::uint8_t, 4> zeros{};
  return event(pcr, "EV_SEPARATOR", "firmware constant: separator", digests_of(base::Bytes(zeros)));
}

BootEvent action(unsigned pcr, const std::string& text) {
  return event(pcr, "EV_EFI_ACTION", "firmware constant: " + text, digests_of(base::bytes_of(text)));
}

std::string load_options(const BootInputs& inputs) {
  const bool printable =
      std::all_of(inputs.command_line.begin(), inputs.command_line.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (inputs.command_line.empty() || !printable)
    throw base::Error(base::Kind::malformed,
                      "command line: got " + std::string(printable ? "an empty text" : "a character outside ASCII") +
                          ", wanted printable ASCII such as console=ttyS0");
  if (!inputs.initrd) return inputs.command_line;
  return inputs.profile.initrd_word == InitrdWord::prefix ? "initrd=initrd " + inputs.command_line
                                                          : inputs.command_line + " initrd=initrd";
}

BootEvent load_options_event(const BootInputs& inputs) {
  base::Buffer wide = base::utf16le(load_options(inputs));
  wide.insert(wide.end(), 2, 0);
  return event(9, "EV_EVENT_TAG", "command line", digests_of(base::Bytes(wide)));
}

template <typename Value, typename Hash>
void extend(std::map<unsigned, Value>& registers, unsigned pcr, const Value& digest, Hash hash) {
  base::Buffer both = base::buffer_of(registers[pcr].view());
  base::append(both, digest.view());
  registers[pcr] = hash(both);
}

}  // namespace

std::vector<BootEvent> predict_boot_events(const BootInputs& inputs) {
  std::vector<BootEvent> events;
  append_secure_boot_variables(events, inputs.profile);
  events.push_back(separator(7));
  events.push_back(event(4, "EV_EFI_BOOT_SERVICES_APPLICATION", "kernel", inputs.kernel));
  events.push_back(action(4, "Calling EFI Application from Boot Option"));
  for (const unsigned pcr : {2U, 3U, 4U, 5U}) events.push_back(separator(pcr));
  events.push_back(load_options_event(inputs));
  if (inputs.initrd) events.push_back(event(9, "EV_EVENT_TAG", "initrd", *inputs.initrd));
  events.push_back(action(5, "Exit Boot Services Invocation"));
  events.push_back(action(5, "Exit Boot Services Returned with Success"));
  return events;
}

PcrValues fold(const std::vector<BootEvent>& events) {
  PcrValues values;
  for (const BootEvent& event : events) {
    extend(values.sha256, event.pcr, event.sha256, base::sha256);
    extend(values.sha384, event.pcr, event.sha384, base::sha384);
  }
  return values;
}

}  // namespace measurement
