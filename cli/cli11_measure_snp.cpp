#include <CLI/CLI.hpp>
#include <memory>

#include "cli/measure_snp.h"
#include "cli/verbs.h"

namespace cli {

void add_measure_snp(CLI::App& measure, Action& action) {
  const auto options = std::make_shared<MeasureSnpOptions>();
  CLI::App* const verb = measure.add_subcommand("snp", "the launch digest of an AMD SEV-SNP guest");
  add_sev_options(*verb, options->sev);
  add_vcpu_options(*verb, options->vcpu);
  verb->add_option("--vmm", options->vmm, "the hypervisor: qemu, qemu-legacy, ec2, ec2-2025, gce")
      ->capture_default_str();
  verb->add_option("--firmware-digest", options->firmware_digest,
                   "the digest after the firmware, known from elsewhere; FIRMWARE is read for its tables only");
  verb->callback(
      [&action, options] { action = [options](Console& console) { return measure_snp(*options, console); }; });
}

}  // namespace cli
