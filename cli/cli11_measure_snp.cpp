#include <CLI/CLI.hpp>
#include <memory>

#include "cli/measure_snp.h"
#include "cli/verbs.h"

namespace cli {
namespace {

void add_launch_options(CLI::App& verb, SnpLaunchOptions& options) {
  verb.add_option("--policy", options.policy, "the guest policy, for rvps and libvirt")->capture_default_str();
  verb.add_option("--guest-svn", options.guest_svn, "the guest's security version, for corim")->capture_default_str();
  verb.add_option("--min-tcb", options.minimum_tcb,
                  "the host's least TCB levels, for rvps: bootloader=4,tee=0,snp=23,microcode=219");
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
  CLI::Option* const vmm =
      verb->add_option("--vmm", options->vmm, "the hypervisor: qemu, qemu-legacy, ec2, ec2-2025, gce")
          ->capture_default_str();
  CLI::Option* const digest =
      verb->add_option("--firmware-digest", options->firmware_digest,
                       "the digest after the firmware, known from elsewhere; FIRMWARE is read for its tables only");
  add_launch_options(*verb, options->launch);
  CLI::Option* const svsm = verb->add_option("--svsm", options->svsm, "svsm.bin, for COCONUT's QEMU up to svsm-v8");
  svsm->excludes(vmm)->excludes(digest);
  for (const char* const flag :
       {"--kernel", "--sev-features", "--policy", "--guest-svn", "--min-tcb", "--host-data", "--id-block"})
    svsm->excludes(flag);
  verb->add_option("--vars-size", options->variables_size, "bytes of the variable store between firmware and SVSM")
      ->needs(svsm);
  verb->callback(
      [&action, options] { action = [options](Console& console) { return measure_snp(*options, console); }; });
}

}  // namespace cli
