#include <CLI/CLI.hpp>
#include <memory>

#include "cli/measure_snp.h"
#include "cli/verbs.h"

namespace cli {
namespace {

void add_launch_options(CLI::App& verb, SnpLaunchOptions& options) {
  verb.add_option("--policy", options.policy, "the guest policy, for rvps and libvirt")->capture_default_str();
  verb.add_option("--guest-svn", options.guest_svn, "the guest's security version, for corim")->capture_default_str();
  verb.add_option("--host-data", options.host_data, "HOST_DATA in hexadecimal, for libvirt");
  CLI::Option* const block = verb.add_option("--id-block", options.id_block, "a file with the ID block, for libvirt");
  block->needs(verb.add_option("--id-auth", options.id_auth, "its ID authentication"));
}

}  // namespace

void add_measure_snp(CLI::App& measure, Action& action) {
  const auto options = std::make_shared<MeasureSnpOptions>();
  CLI::App* const verb = measure.add_subcommand("snp", "the launch digest of an AMD SEV-SNP guest");
  add_sev_options(*verb, options->sev);
  add_vcpu_options(*verb, options->vcpu);
  verb->add_option("--vmm", options->vmm, "the hypervisor: qemu, qemu-legacy, ec2, ec2-2025, gce")
      ->capture_default_str();
  verb->add_option("--firmware-digest", options->firmware_digest,
                   "the digest after the firmware, known from elsewhere; FIRMWARE is read for its tables only");
  add_launch_options(*verb, options->launch);
  verb->callback(
      [&action, options] { action = [options](Console& console) { return measure_snp(*options, console); }; });
}

}  // namespace cli
