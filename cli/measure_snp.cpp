#include "cli/measure_snp.h"

#include "base/encoding.h"
#include "base/error.h"
#include "cli/flag_values.h"

namespace cli {
namespace {

using measurement::LaunchDigest;
using measurement::SevFirmware;
using measurement::SevSection;
using measurement::SnpGuest;
using measurement::SnpLaunches;
using measurement::VmmProfile;

const VmmProfile& profile_of(const std::string& name) {
  if (const VmmProfile* const profile = measurement::find_vmm_profile(name)) return *profile;
  std::string known;
  for (const VmmProfile& profile : measurement::vmm_profiles())
    known += (known.empty() ? "" : ", ") + std::string(profile.name);
  throw base::Error(base::Kind::usage, "--vmm: got '" + name + "', wanted one of " + known);
}

LaunchDigest firmware_digest_of(const MeasureSnpOptions& options, const BootFiles& files) {
  if (!options.firmware_digest) return measurement::firmware_launch_digest(files.firmware.bytes());
  if (const auto digest = LaunchDigest::parse(*options.firmware_digest)) return *digest;
  throw base::Error(base::Kind::usage,
                    "--firmware-digest: got '" + *options.firmware_digest + "', wanted 96 hexadecimal digits");
}

SnpGuest guest_of(const MeasureSnpOptions& options, const BootFiles& files, const VmmProfile& profile) {
  SnpGuest guest;
  guest.cpuid_signature =
      profile.reset.rdx ? signature_of(options.vcpu).value_or(0) : required_signature_of(options.vcpu);
  guest.sev_features = sev_features_of(options.vcpu, 1);
  guest.vcpus = vcpu_counts(options.vcpu.vcpus).back();
  guest.kernel = kernel_hashes_of(options.sev, files);
  return guest;
}

void note_features(LaunchReport& report, std::uint64_t features) {
  if ((features & 1U) == 0)
    report.notes.emplace_back("bit 0 (SNPActive) of the SEV features is clear; no hypervisor launches an SNP guest so");
  if ((features & 0x10000U) != 0)
    report.notes.emplace_back("Secure AVIC (bit 16) also changes VINTR_CTRL of the VMSA, which is not predicted");
}

void note_profile(LaunchReport& report, const MeasureSnpOptions& options, const VmmProfile& profile,
                  const SevFirmware& firmware) {
  const bool kernel = options.sev.files.kernel.has_value();
  const bool hashes = firmware.boot.hash_table.has_value();
  if (!kernel && hashes && profile.name.starts_with("qemu"))
    report.notes.emplace_back("start this guest without kernel-hashes=on: QEMU stops when it has no kernel to hash");
  if (kernel && profile.name == "gce") report.notes.emplace_back("Compute Engine starts no kernel of yours directly");
  if (profile.reset.rdx)
    report.notes.emplace_back("this hypervisor fixes RDX at reset to " + base::hex_number(*profile.reset.rdx) +
                              ", so the CPU model is not measured");
}

}  // namespace

LaunchReport snp_launch_report(const MeasureSnpOptions& options) {
  const VmmProfile& profile = profile_of(options.vmm);
  const std::vector<unsigned> counts = vcpu_counts(options.vcpu.vcpus);
  const BootFiles files = options.sev.map();
  const SnpGuest guest = guest_of(options, files, profile);
  const LaunchDigest firmware_digest = firmware_digest_of(options, files);
  SnpLaunches launches(firmware_digest, measurement::read_sev_firmware(files.firmware.bytes()), profile);
  const std::vector<LaunchDigest>& digests = launches.digests(guest);

  LaunchReport report;
  report.tee = "snp";
  report.assumed.push_back(
      {"vmm", "hypervisor", profile.name, std::string(profile.name) + ": " + std::string(profile.describes)});
  assume_cpu(report, options.vcpu, signature_of(options.vcpu));
  report.assumed.push_back({"sevFeatures", "SEV features", base::hex_number(guest.sev_features), {}});
  assume_kernel(report, options.sev);
  auto& by_count = report.launch_digest.emplace<std::map<unsigned, std::string>>();
  for (const unsigned count : counts) by_count[count] = digests[count - 1].hex();
  report.also.push_back({"firmwareDigest", "firmware digest", firmware_digest.hex(), {}});
  note_features(report, guest.sev_features);
  note_profile(report, options, profile, launches.firmware());
  return report;
}

int measure_snp(const MeasureSnpOptions& options, Console& console) {
  print(snp_launch_report(options), options.sev.json, console);
  return 0;
}

}  // namespace cli
