#include "measurement/boot_events.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "measurement/secure_boot.h"

namespace measurement {
namespace {

constexpr std::string_view exit_invocation = "Exit Boot Services Invocation";
constexpr std::string_view exit_failure = "Exit Boot Services Returned with Failure";
constexpr std::string_view exit_success = "Exit Boot Services Returned with Success";

constexpr std::array provenance_names{std::pair{Provenance::input_file, "input_file"},
                                      std::pair{Provenance::vm_shape, "vm_shape"},
                                      std::pair{Provenance::firmware_constant, "firmware_constant"},
                                      std::pair{Provenance::unpredictable, "unpredictable"}};

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

template <typename Value, typename Hash>
void extend(std::map<unsigned, Value>& registers, unsigned pcr, const Value& digest, Hash hash) {
  base::Buffer both = base::buffer_of(registers[pcr].view());
  base::append(both, digest.view());
  registers[pcr] = hash(both);
}

}  // namespace

std::string_view name_of(Provenance provenance) noexcept {
  return provenance_names.at(static_cast<std::size_t>(provenance)).second;
}

std::optional<Provenance> provenance_named(std::string_view name) noexcept {
  for (const auto& [provenance, text] : provenance_names)
    if (text == name) return provenance;
  return std::nullopt;
}

BootEvent make_event(unsigned pcr, std::string type, std::string what, Provenance provenance,
                     const BankDigests& digests) {
  return {pcr, std::move(type), std::move(what), provenance, digests.sha256, digests.sha384};
}

BootEvent separator_event(unsigned pcr) {
  const std::array<std::uint8_t, 4> zeros{};
  return make_event(pcr, "EV_SEPARATOR", "firmware constant: separator", Provenance::firmware_constant,
                    digests_of(base::Bytes(zeros)));
}

BootEvent action_event(unsigned pcr, const std::string& text) {
  return make_event(pcr, "EV_EFI_ACTION", "firmware constant: " + text, Provenance::firmware_constant,
                    digests_of(base::bytes_of(text)));
}

BootEvent calling_application_event() {
  return action_event(4, "Calling EFI Application from Boot Option");
}

std::vector<BootEvent> exit_boot_services_events() {
  return {action_event(5, std::string(exit_invocation)), action_event(5, std::string(exit_success))};
}

BootEvent load_options_event(std::string_view text) {
  base::Buffer wide = base::utf16le(text);
  wide.insert(wide.end(), 2, 0);
  return make_event(9, "EV_EVENT_TAG", "command line", Provenance::input_file, digests_of(base::Bytes(wide)));
}

BootEvent initrd_event(const BankDigests& digests) {
  return make_event(9, "EV_EVENT_TAG", "initrd", Provenance::input_file, digests);
}

std::vector<BootEvent> predict_boot_events(const BootInputs& inputs) {
  std::vector<BootEvent> events = secure_boot_events(inputs.profile, inputs.variables);
  events.insert(events.end(), inputs.pcr1.begin(), inputs.pcr1.end());
  if (secure_boot_enabled(inputs.profile, inputs.variables))
    events.push_back(inputs.authority.value_or(authority_event("the kernel")));
  events.push_back(make_event(4, "EV_EFI_BOOT_SERVICES_APPLICATION", "kernel", Provenance::input_file, inputs.kernel));
  events.push_back(calling_application_event());
  for (const unsigned pcr : {2U, 3U, 4U, 5U}) events.push_back(separator_event(pcr));
  events.push_back(load_options_event(load_options(inputs)));
  if (inputs.initrd) events.push_back(initrd_event(*inputs.initrd));
  for (BootEvent& event : exit_boot_services_events()) events.push_back(std::move(event));
  return events;
}

std::vector<BootEvent> with_exit_boot_services_retry(const std::vector<BootEvent>& events) {
  const BootEvent invocation = action_event(5, std::string(exit_invocation));
  std::vector<BootEvent> retried = events;
  const auto first = std::find(retried.begin(), retried.end(), invocation);
  retried.insert(first, {invocation, action_event(5, std::string(exit_failure))});
  return retried;
}

PcrValues fold(const std::vector<BootEvent>& events) {
  PcrValues values;
  for (const BootEvent& event : events) {
    extend(values.sha256, event.pcr, event.sha256, base::sha256);
    extend(values.sha384, event.pcr, event.sha384, base::sha384);
  }
  for (const BootEvent& event : events) {
    if (event.provenance != Provenance::unpredictable) continue;
    values.sha256.erase(event.pcr);
    values.sha384.erase(event.pcr);
  }
  return values;
}

}  // namespace measurement
