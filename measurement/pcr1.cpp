#include "measurement/pcr1.h"

namespace measurement {

std::vector<BootEvent> pcr1_events(const PlatformInputs& inputs) {
  std::vector<BootEvent> events = platform_events(inputs);
  events.push_back(separator_event(1));
  return events;
}

void add_pcr1(UkiInputs& inputs, const FwCfgFiles& files) {
  if (files.empty()) return;
  inputs.pcr1 = pcr1_events({inputs.profile, files});
  if (const auto smbios = files.find(std::string(smbios_tables_file)); smbios != files.end())
    inputs.smbios = smbios->second;
}

}  // namespace measurement
