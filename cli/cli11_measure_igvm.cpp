#include <CLI/CLI.hpp>
#include <memory>

#include "cli/measure_igvm.h"
#include "cli/verbs.h"

namespace cli {

void add_measure_igvm(CLI::App& measure, Action& action) {
  const auto options = std::make_shared<MeasureIgvmOptions>();
  CLI::App* const verb = measure.add_subcommand("igvm", "the launch digest of an IGVM file (SEV-SNP, SEV-ES, SEV)");
  verb->add_option("--igvm", options->file, "an IGVM file of format version 1")->required();
  verb->add_option("--tee", options->tee, "which of the file's platforms: snp, sev-es, sev; else the strongest")
      ->check(CLI::IsMember({"snp", "sev-es", "sev"}));
  verb->add_option("--vmm", options->vmm, "whose digest comes first: file (what the file says), qemu")
      ->capture_default_str()
      ->check(CLI::IsMember({"file", "qemu"}));
  verb->add_option("--zero-pages", options->zero_pages, "in file order, pages without data are: normal, native")
      ->capture_default_str()
      ->check(CLI::IsMember({"normal", "native"}));
  verb->add_option("--vcpus", options->vcpus, "for QEMU: the number of vCPUs; else those the file has contexts for");
  CLI::Option* const model = verb->add_option("--cpu", options->cpu.cpu, "for QEMU: the CPU model of the other vCPUs");
  verb->add_option("--cpu-sig", options->cpu.cpu_signature, "CPUID.1.EAX of theirs instead: 0xa00f11")->excludes(model);
  add_output_options(*verb, options->output);
  verb->callback(
      [&action, options] { action = [options](Console& console) { return measure_igvm(*options, console); }; });
}

}  // namespace cli
