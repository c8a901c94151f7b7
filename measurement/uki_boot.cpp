#include "measurement/uki_boot.h"

#include "measurement/gpt.h"
#include "measurement/pe_image.h"
#include "measurement/secure_boot.h"
#include "measurement/stub_initrd.h"

namespace measurement {

UkiInputs uki_inputs(const FirmwareProfile& profile, const UkiBootBytes& bytes) {
  UkiInputs inputs;
  inputs.profile = profile;
  inputs.uki = read_uki(bytes.uki);
  inputs.image = authenticode_digests(bytes.uki);
  if (starts_kernel_as_image(inputs.uki)) inputs.kernel = authenticode_digests(inputs.uki.find(".linux")->data);
  inputs.initrd = stub_initrd(inputs.uki);
  if (!bytes.disk) return inputs;
  inputs.path = bytes.loader ? UkiPath::systemd_boot : UkiPath::removable_media;
  inputs.partition_table = gpt_event(*bytes.disk);
  if (!bytes.loader) return inputs;
  LoaderInputs loader{authenticode_digests(*bytes.loader), systemd_version(*bytes.loader, "systemd-boot").major, {}};
  if (bytes.loader_configuration) loader.configuration = digests_of(*bytes.loader_configuration);
  inputs.loader = loader;
  return inputs;
}

std::vector<Alternative> uki_alternatives(const UkiInputs& inputs) {
  const std::vector<BootEvent> events = predict_uki_events(inputs);
  std::vector<Alternative> all{{std::string(exit_boot_services_retried), with_exit_boot_services_retry(events)}};
  if (!secure_boot_enabled(inputs.profile, inputs.variables) || !starts_kernel_as_image(inputs.uki)) return all;
  std::vector<BootEvent> unmeasured = events;
  std::erase_if(unmeasured, [](const BootEvent& event) { return event.what == kernel_in_image; });
  all.push_back({"the firmware did not measure the kernel in the image, because the stub checked it", unmeasured});
  return all;
}

}  // namespace measurement
