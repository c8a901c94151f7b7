#include <CLI/CLI.hpp>
#include <memory>

#include "cli/measure_sev.h"
#include "cli/verbs.h"

namespace cli {

void add_measure_sev(CLI::App& measure, Action& action) {
  const auto options = std::make_shared<MeasureSevOptions>();
  CLI::App* const verb = measure.add_subcommand("sev", "the launch digest of an AMD SEV guest");
  add_sev_options(*verb, options->sev);
  add_sev_session_options(*verb, options->session);
  verb->callback(
      [&action, options] { action = [options](Console& console) { return measure_sev(*options, console); }; });
}

void add_measure_sev_es(CLI::App& measure, Action& action) {
  const auto options = std::make_shared<MeasureSevEsOptions>();
  CLI::App* const verb = measure.add_subcommand("sev-es", "the launch digest of an AMD SEV-ES guest");
  add_sev_options(*verb, options->sev);
  add_vcpu_options(*verb, options->vcpu);
  verb->add_option("--vmm", options->vmm, "the hypervisor: qemu")
      ->capture_default_str()
      ->check(CLI::IsMember({"qemu"}));
  verb->add_option("--vm-type", options->vm_type, "how KVM makes the VM: legacy, init2")->capture_default_str();
  add_sev_session_options(*verb, options->session);
  verb->callback(
      [&action, options] { action = [options](Console& console) { return measure_sev_es(*options, console); }; });
}

}  // namespace cli
