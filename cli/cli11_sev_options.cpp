#include <CLI/CLI.hpp>

#include "cli/sev_options.h"

namespace cli {

void add_sev_options(CLI::App& verb, SevOptions& options) {
  add_boot_file_options(verb, options.files);
  verb.add_flag("--any-kernel", options.any_kernel, "hash even what is clearly no kernel, such as a vmlinux");
  add_output_options(verb, options.output);
}

void add_vcpu_options(CLI::App& verb, VcpuOptions& options) {
  verb.add_option("--vcpus", options.vcpus, "numbers of vCPUs: 4, 1,2,4 or 1-8")->capture_default_str();
  CLI::Option* const model = verb.add_option("--cpu", options.cpu, "QEMU's CPU model: EPYC-Milan, EPYC-Genoa-v2");
  CLI::Option* const signature =
      verb.add_option("--cpu-sig", options.cpu_signature, "CPUID.1.EAX of the guest's CPU instead: 0xa00f11");
  model->excludes(signature);
  for (const auto& [flag, value, text] :
       {std::tuple{"--cpu-family", &options.cpu_family, "its family instead, with --cpu-model and --cpu-stepping"},
        std::tuple{"--cpu-model", &options.cpu_model, "its model number"},
        std::tuple{"--cpu-stepping", &options.cpu_stepping, "its stepping"}})
    verb.add_option(flag, *value, text)->excludes(model)->excludes(signature);
  verb.add_option("--sev-features", options.sev_features, "SEV_FEATURES of the VMSA: 0x1, 0x21");
}

}  // namespace cli
