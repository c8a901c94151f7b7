#include <CLI/CLI.hpp>
#include <memory>

#include "cli/explain.h"
#include "cli/verbs.h"

namespace cli {
namespace {

void add_planned(CLI::App& verb, ExplainOptions& options) {
  add_boot_file_options(verb, options.files, FirmwareFlag::optional);
  add_vcpu_options(verb, options.vcpu);
  verb.add_option("--vmm", options.vmm, "the hypervisor: qemu, qemu-legacy, ec2, ec2-2025, gce")->capture_default_str();
  verb.add_option("--memory", options.memory, "the guest's memory (MiB, or 4GiB), for PCRs and RTMRs")
      ->capture_default_str();
  verb.add_option("--machine", options.machine, "QEMU's machine type, for PCRs and RTMRs: pc-q35-10.0")
      ->capture_default_str();
  add_td_options(verb, options.td);
  verb.add_option("--acpi", options.acpi,
                  "the planned tables: qemu, of the QEMU installed here, or a folder with a dump; more may follow")
      ->allow_extra_args(false);
  add_device_options(verb, options.asked);
  verb.add_option("--plan", options.plan, "the launches of this plan instead");
  verb.add_option("--tenant", options.tenant, "the launches of TENANT.plan.json instead");
  verb.add_option("--plans", options.plans, "where it is")->capture_default_str();
  verb.add_option("--guest", options.guest, "only these guests of it: worker, worker/0");
}

}  // namespace

void add_explain(CLI::App& app, Action& action) {
  const auto options = std::make_shared<ExplainOptions>();
  CLI::App* const verb = app.add_subcommand("explain", "say which input makes a digest another than planned");
  verb->add_option("digest", options->digest, "the unexpected digest in hexadecimal");
  verb->add_option("--report", options->report, "an SNP report instead");
  verb->add_option("--quote", options->quote, "a TDX quote or report instead: all its registers");
  verb->add_option("--as", options->as, "what the digest is: snp, sev-es, sev, tdx or pcr");
  verb->add_option("--event-log", options->event_log,
                   "the log of the boot (TPM or CCEL): name each event that is not the planned one");
  verb->add_option("--images", options->images, "folders with firmware, kernels and initrds that may have been used");
  add_planned(*verb, *options);
  verb->add_flag("--json", options->json, "print bulkhead.explanation/v1");
  verb->callback([&action, options] { action = [options](Console& console) { return explain(*options, console); }; });
}

}  // namespace cli
