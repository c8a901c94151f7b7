#include "measurement/td_events.h"

#include <algorithm>

#include "measurement/prediction.h"
#include "measurement/td_hob.h"

namespace measurement {
namespace {

constexpr unsigned secure_boot_pcr = 7, boot_manager_pcr = 4, linux_pcr = 9;
constexpr unsigned rtmr1_register = rtmr0_register + 1;

BootEvent hand_off_block_event(const TdInputs& inputs) {
  return make_event(rtmr0_register, "EV_EFI_HANDOFF_TABLES2", "TD hand-off block (memory size)", Provenance::vm_shape,
                    digests_of(td_hob(inputs.sections, inputs.memory)));
}

void append_variable_store(std::vector<BootEvent>& events, const TdInputs& inputs) {
  for (const BankDigests& digests : inputs.configuration_volumes)
    events.push_back(make_event(rtmr0_register, "EV_EFI_PLATFORM_FIRMWARE_BLOB2",
                                "variable store in the firmware (CFV)", Provenance::input_file, digests));
}

bool is_separator(const BootEvent& event) {
  return event.type == "EV_SEPARATOR";
}

/// The register of one event of a PC's list; nullopt when a TD has no such event.
std::optional<unsigned> register_of(const BootEvent& event, FirmwareGeneration generation) {
  if (event.type == "EV_EVENT_TAG" && event.pcr != linux_pcr) return std::nullopt;
  if (!is_separator(event)) return cc_register_of_pcr(event.pcr);
  if (event.pcr == secure_boot_pcr) return rtmr0_register;
  if (event.pcr != boot_manager_pcr) return std::nullopt;
  return generation == FirmwareGeneration::before_202411 ? rtmr0_register : rtmr1_register;
}

}  // namespace

std::vector<BootEvent> td_events(const TdInputs& inputs, const std::vector<BootEvent>& boot) {
  std::vector<BootEvent> events{hand_off_block_event(inputs)};
  append_variable_store(events, inputs);
  for (BootEvent& event : fw_cfg_events(inputs.platform)) events.push_back(std::move(event));
  for (const BootEvent& event : boot) {
    const std::optional<unsigned> index = register_of(event, inputs.platform.profile.generation);
    if (!index || *index < rtmr0_register) continue;
    events.push_back(event);
    events.back().pcr = *index;
  }
  return events;
}

}  // namespace measurement
