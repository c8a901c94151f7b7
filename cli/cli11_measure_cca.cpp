#include <CLI/CLI.hpp>
#include <memory>

#include "cli/measure_cca.h"
#include "cli/verbs.h"

namespace cli {

void add_measure_cca(CLI::App& measure, Action& action) {
  const auto options = std::make_shared<MeasureCcaOptions>();
  CLI::App* const verb = measure.add_subcommand("cca", "the Realm Initial Measurement of an Arm CCA guest");
  verb->add_option("--vmm", options->vmm, "the hypervisor's monitor: qemu, kvmtool")->capture_default_str();
  verb->add_option("--firmware", options->firmware, "the firmware's image");
  CLI::Option* const kernel = verb->add_option("--kernel", options->kernel, "an uncompressed arm64 Image");
  verb->add_option("--initrd", options->initrd, "its initrd")->needs(kernel);
  verb->add_option("--cmdline", options->command_line, "the command line, byte for byte");
  verb->add_option("--dtb", options->device_tree, "the device tree, if not the monitor's own");
  verb->add_option("--memory", options->memory, "the guest's memory: 1GiB, 512MiB")->capture_default_str();
  verb->add_option("--vcpus", options->vcpus, "number of virtual CPUs")->capture_default_str();
  verb->add_option("--hash", options->hash, "sha256 or sha512; qemu's default is sha512, kvmtool's sha256");
  verb->add_option("--ipa-bits", options->ipa_bits, "what the host supports")->capture_default_str();
  verb->add_option("--num-bps", options->breakpoints, "breakpoints of the host")->capture_default_str();
  verb->add_option("--num-wps", options->watchpoints, "watchpoints of the host")->capture_default_str();
  verb->add_flag("--pmu", options->pmu, "give the guest a PMU");
  verb->add_option("--pmu-num-ctrs", options->pmu_counters, "its counters")->capture_default_str();
  verb->add_option("--sve-vl", options->sve_bits, "SVE vector length in bits, 0 for none")->capture_default_str();
  verb->add_flag("--lpa2", options->lpa2, "large physical addresses");
  add_output_options(*verb, options->output);
  verb->callback(
      [&action, options] { action = [options](Console& console) { return measure_cca(*options, console); }; });
}

}  // namespace cli
