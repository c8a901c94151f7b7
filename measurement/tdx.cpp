#include "measurement/tdx.h"

#include <algorithm>

#include "measurement/kernel_as_read.h"
#include "measurement/secure_boot.h"
#include "measurement/td_events.h"
#include "measurement/uki_boot.h"

namespace measurement {
namespace {

BootEvent not_given(unsigned pcr, std::string type, const std::string& what) {
  return make_event(pcr, std::move(type), what + ": not given", Provenance::unpredictable, {});
}

// A direct kernel boot of which nothing is known but the firmware.
std::vector<BootEvent> boot_without_kernel(const BootInputs& inputs) {
  std::vector<BootEvent> events = secure_boot_events(inputs.profile, inputs.variables);
  events.insert(events.end(), inputs.pcr1.begin(), inputs.pcr1.end());
  if (secure_boot_enabled(inputs.profile, inputs.variables)) events.push_back(authority_event("the kernel"));
  events.push_back(not_given(4, "EV_EFI_BOOT_SERVICES_APPLICATION", "kernel"));
  events.push_back(calling_application_event());
  events.push_back(separator_event(4));
  for (BootEvent& event : exit_boot_services_events()) events.push_back(std::move(event));
  events.push_back(not_given(9, "EV_EVENT_TAG", "command line"));
  return events;
}

std::vector<BootEvent> boot_events(const LaunchConfiguration& configuration, BootImages& images,
                                   const PlatformInputs& platform) {
  BootInputs inputs;
  inputs.profile = platform.profile;
  inputs.variables = images.firmware_variables();
  inputs.pcr1 = platform_events(platform);
  if (!images.has_kernel()) return boot_without_kernel(inputs);
  inputs.kernel = kernel_as_read(configuration, images);
  inputs.initrd = images.initrd_digests();
  inputs.command_line = configuration.command_line;
  return predict_boot_events(inputs);
}

PlatformInputs platform_of(const LaunchConfiguration& configuration, BootImages& images) {
  return {images.firmware_profile(), images.fw_cfg_files(), configuration.processor_id};
}

/// What a PC would measure of the same boot, as a TD measures it.
TdPrediction as_td(const LaunchConfiguration& configuration, BootImages& images, const Prediction& boot) {
  const TdInputs inputs{images.configuration_volumes(), images.tdvf_sections(), configuration.memory,
                        platform_of(configuration, images)};
  TdPrediction prediction;
  prediction.mrtd = images.mrtd(configuration.tdx_page_order);
  prediction.boot.tee = base::Tee::tdx;
  prediction.boot.events = td_events(inputs, boot.events);
  for (const Alternative& other : boot.alternatives)
    prediction.boot.alternatives.push_back({other.what, td_events(inputs, other.events)});
  return prediction;
}

}  // namespace

TdPrediction predict_td(const LaunchConfiguration& configuration, BootImages& images) {
  Prediction boot;
  boot.events = boot_events(configuration, images, platform_of(configuration, images));
  if (images.has_kernel())
    boot.alternatives.push_back({std::string(exit_boot_services_retried), with_exit_boot_services_retry(boot.events)});
  return as_td(configuration, images, boot);
}

TdPrediction predict_td_of_uki(const LaunchConfiguration& configuration, BootImages& images, base::Bytes uki) {
  const PlatformInputs platform = platform_of(configuration, images);
  UkiInputs inputs = uki_inputs(platform.profile, {uki, {}, {}, {}}, images.firmware_variables());
  inputs.measured_by = MeasuredBy::cc_registers;
  inputs.load_options = configuration.command_line;
  inputs.pcr1 = platform_events(platform);
  Prediction boot;
  boot.events = predict_uki_events(inputs);
  boot.alternatives = uki_alternatives(inputs);
  return as_td(configuration, images, boot);
}

RtmrSets rtmr_sets(const Prediction& boot) {
  std::vector<PcrValues> outcomes{fold(boot.events)};
  for (const Alternative& alternative : boot.alternatives) outcomes.push_back(fold(alternative.events));
  RtmrSets sets;
  for (unsigned index = 0; index < predicted_rtmrs; ++index)
    for (const PcrValues& outcome : outcomes) {
      const auto value = outcome.sha384.find(rtmr0_register + index);
      if (value == outcome.sha384.end()) continue;
      if (std::find(sets[index].begin(), sets[index].end(), value->second) == sets[index].end())
        sets[index].push_back(value->second);
    }
  return sets;
}

std::string unknown_because(const Prediction& boot, unsigned index) {
  std::string reasons;
  for (const BootEvent& event : boot.events)
    if (event.pcr == rtmr0_register + index && event.provenance == Provenance::unpredictable)
      reasons += (reasons.empty() ? "" : "; ") + event.what;
  return reasons;
}

}  // namespace measurement
