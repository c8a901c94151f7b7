#include "measurement/uki_boot.h"

#include <algorithm>

#include "base/error.h"
#include "measurement/gpt.h"
#include "measurement/pe_image.h"
#include "measurement/secure_boot.h"
#include "measurement/stub_initrd.h"

namespace measurement {

namespace {

void add_authority(const std::string& name, base::Bytes image, std::vector<base::Buffer>& used, UkiInputs& inputs) {
  const base::Buffer entry = db_entry_of(image, inputs.variables);
  if (entry.empty())
    throw base::Error(
        base::Kind::failure,
        name + ": no entry of db verifies it, so the firmware would not start it while Secure Boot is on");
  if (std::find(used.begin(), used.end(), entry) != used.end()) return;
  inputs.authorities.push_back(authority_event(name, entry));
  used.push_back(entry);
}

void add_authorities(const UkiBootBytes& bytes, UkiInputs& inputs) {
  if (!secure_boot_enabled(inputs.profile, inputs.variables)) return;
  std::vector<base::Buffer> used;
  if (bytes.loader) add_authority("systemd-boot", *bytes.loader, used, inputs);
  add_authority("the unified kernel image", bytes.uki, used, inputs);
}

std::vector<BootEvent> with_kernel_measured(std::vector<BootEvent> events, const BankDigests& kernel) {
  const auto before = std::find_if(events.begin(), events.end(), [](const BootEvent& event) { return event.pcr == 9; });
  events.insert(before, make_event(4, "EV_EFI_BOOT_SERVICES_APPLICATION", std::string(kernel_in_image),
                                   Provenance::input_file, kernel));
  return events;
}

}  // namespace

UkiInputs uki_inputs(const FirmwareProfile& profile, const UkiBootBytes& bytes, const VariableStore& variables) {
  UkiInputs inputs;
  inputs.profile = profile;
  inputs.variables = variables;
  inputs.uki = read_uki(bytes.uki);
  inputs.image = authenticode_digests(bytes.uki);
  if (starts_kernel_as_image(inputs.uki)) inputs.kernel = authenticode_digests(inputs.uki.find(".linux")->data);
  inputs.initrd = stub_initrd(inputs.uki);
  add_authorities(bytes, inputs);
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
  if (secure_boot_enabled(inputs.profile, inputs.variables) && starts_kernel_as_image(inputs.uki))
    all.push_back({"the firmware measured the kernel in the image, before the stub answered for it",
                   with_kernel_measured(events, inputs.kernel)});
  return all;
}

}  // namespace measurement
