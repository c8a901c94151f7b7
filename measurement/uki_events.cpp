#include "measurement/uki_events.h"

#include <iterator>

#include "base/encoding.h"
#include "measurement/secure_boot.h"

namespace measurement {
namespace {

constexpr unsigned measures_into_cc = 256;     // EFI_CC_MEASUREMENT_PROTOCOL is used from here on
constexpr unsigned loads_kernel_itself = 258;  // without LoadImage, so without an event of the firmware
constexpr unsigned has_boot_secret = 262, measures_smbios = 262;
constexpr unsigned measures_configuration = 255;  // systemd-boot: loader.conf
constexpr unsigned leaves_command_line = 256;     // systemd-boot: before, it passes the image's own .cmdline to it

void append(std::vector<BootEvent>& events, std::vector<BootEvent> more) {
  std::move(more.begin(), more.end(), std::back_inserter(events));
}

BootEvent application(std::string_view what, const BankDigests& digests) {
  return make_event(4, "EV_EFI_BOOT_SERVICES_APPLICATION", std::string(what), Provenance::input_file, digests);
}

bool measures(const UkiInputs& inputs, unsigned version) {
  return inputs.measured_by == MeasuredBy::tpm || version >= measures_into_cc;
}

void append_smbios(std::vector<BootEvent>& events, const UkiInputs& inputs, unsigned version) {
  if (inputs.measured_by == MeasuredBy::cc_registers || version < measures_smbios || inputs.pcr1.empty()) return;
  if (inputs.smbios) return append(events, stub_smbios_events(*inputs.smbios));
  events.push_back(make_event(1, "EV_EVENT_TAG", "SMBIOS type 1", Provenance::unpredictable, {}));
}

void append_authorities(std::vector<BootEvent>& events, const UkiInputs& inputs) {
  if (!secure_boot_enabled(inputs.profile, inputs.variables)) return;
  if (inputs.authorities.empty())
    events.push_back(authority_event(inputs.loader ? "systemd-boot" : "the unified kernel image"));
  append(events, inputs.authorities);
}

// Firmware up to the start of the first program.
std::vector<BootEvent> firmware_events(const UkiInputs& inputs) {
  std::vector<BootEvent> events = secure_boot_events(inputs.profile, inputs.variables);
  append(events, inputs.pcr1);
  append_authorities(events, inputs);
  if (inputs.path == UkiPath::qemu_kernel) events.push_back(application("unified kernel image", inputs.image));
  events.push_back(calling_application_event());
  for (const unsigned pcr : {2U, 3U, 4U, 5U}) events.push_back(separator_event(pcr));
  if (inputs.partition_table) events.push_back(*inputs.partition_table);
  return events;
}

BootEvent passed_command_line(const char* what, const std::string& text) {
  base::Buffer wide = base::utf16le(text);
  wide.insert(wide.end(), 2, 0);
  return make_event(12, "EV_IPL", what, Provenance::input_file, digests_of(base::Bytes(wide)));
}

std::string own_command_line(const UkiInputs& inputs) {
  const Uki::Section* const own = inputs.uki.find(".cmdline");
  return own ? stub_command_line(base::text_of(own->data), inputs.uki.stub) : "";
}

bool passes_own_command_line(const UkiInputs& inputs) {
  return inputs.loader && inputs.loader->version < leaves_command_line && inputs.uki.find(".cmdline");
}

void append_loader(std::vector<BootEvent>& events, const UkiInputs& inputs) {
  const LoaderInputs& loader = *inputs.loader;
  events.push_back(application("systemd-boot", loader.image));
  append_smbios(events, inputs, loader.version);
  if (loader.configuration && loader.version >= measures_configuration && inputs.measured_by == MeasuredBy::tpm)
    events.push_back(make_event(5, "EV_EVENT_TAG", "loader.conf", Provenance::input_file, *loader.configuration));
  events.push_back(application("unified kernel image", inputs.image));
  if (passes_own_command_line(inputs) && measures(inputs, loader.version))
    events.push_back(passed_command_line("command line passed by systemd-boot", own_command_line(inputs)));
}

// What the stub was passed; empty when it uses its own.
std::string chosen_load_options(const UkiInputs& inputs) {
  const bool locked = inputs.uki.find(".cmdline") && secure_boot_enabled(inputs.profile, inputs.variables);
  if (locked) return "";
  return passes_own_command_line(inputs) ? own_command_line(inputs)
                                         : stub_command_line(inputs.load_options, inputs.uki.stub);
}

BootEvent kernel_initrd(const UkiInputs& inputs) {
  if (inputs.uki.stub < has_boot_secret || inputs.path == UkiPath::qemu_kernel) return initrd_event(*inputs.initrd);
  return make_event(9, "EV_EVENT_TAG", "initrd with the boot secret of systemd-stub " + inputs.uki.stub_version,
                    Provenance::unpredictable, {});
}

void append_stub(std::vector<BootEvent>& events, const UkiInputs& inputs) {
  if (measures(inputs, inputs.uki.stub)) append(events, uki_section_events(inputs.uki));
  const std::string passed = chosen_load_options(inputs);
  if (!passed.empty() && measures(inputs, inputs.uki.stub))
    events.push_back(passed_command_line("command line passed to the stub", passed));
  if (!inputs.loader || inputs.loader->version < measures_smbios) append_smbios(events, inputs, inputs.uki.stub);
  if (starts_kernel_as_image(inputs.uki) && !secure_boot_enabled(inputs.profile, inputs.variables))
    events.push_back(application(kernel_in_image, inputs.kernel));
  events.push_back(load_options_event(kernel_command_line(inputs)));
  if (inputs.initrd) events.push_back(kernel_initrd(inputs));
}

}  // namespace

bool starts_kernel_as_image(const Uki& uki) noexcept {
  return uki.stub < loads_kernel_itself;
}

std::string kernel_command_line(const UkiInputs& inputs) {
  const std::string passed = chosen_load_options(inputs);
  return passed.empty() ? own_command_line(inputs) : passed;
}

std::vector<BootEvent> predict_uki_events(const UkiInputs& inputs) {
  std::vector<BootEvent> events = firmware_events(inputs);
  if (inputs.loader) append_loader(events, inputs);
  if (inputs.path == UkiPath::removable_media) events.push_back(application("unified kernel image", inputs.image));
  append_stub(events, inputs);
  append(events, exit_boot_services_events());
  return events;
}

}  // namespace measurement
