#include "cli/measure_snp.h"

#include <sstream>

#include "base/encoding.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "cli/flag_values.h"
#include "measurement/svsm.h"
#include "provisioner/launch_security_xml.h"

namespace cli {
namespace {

using measurement::LaunchDigest;
using measurement::SevFirmware;
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

/// The ID block and its signature. Source: AMD 56860 revision 1.57, table 76: AUTH_KEY_ALGO is 0 without author key.
provisioner::SnpIdBlock id_block_of(const SnpLaunchOptions& options) {
  constexpr std::size_t author_key_algorithm = 4;
  const auto content = [](const std::string& path) {
    return base::buffer_of(base::bytes_of(base::read_file(path, 1U << 16U)));
  };
  provisioner::SnpIdBlock block{content(*options.id_block), content(options.id_auth.value()), false};
  block.author_key =
      block.authentication.size() > author_key_algorithm && block.authentication[author_key_algorithm] != 0;
  return block;
}

[[noreturn]] void refuse_tcb(const std::string& text) {
  throw base::Error(base::Kind::usage, "--min-tcb: got '" + text +
                                           "', wanted bootloader, tee, snp and microcode, each once and with its least "
                                           "level: bootloader=4,tee=0,snp=23,microcode=219");
}

/// Levels that are not named are not demanded.
measurement::TcbLevels tcb_of(const std::string& text) {
  constexpr std::uint64_t highest = 255;
  measurement::TcbLevels levels;
  std::istringstream parts(text + ",");
  for (std::string part; std::getline(parts, part, ',');) {
    const std::size_t equals = part.find('=');
    const std::string name = part.substr(0, equals);
    std::optional<unsigned>* const level = name == "bootloader"  ? &levels.bootloader
                                           : name == "tee"       ? &levels.tee
                                           : name == "snp"       ? &levels.snp
                                           : name == "microcode" ? &levels.microcode
                                                                 : nullptr;
    if (equals == std::string::npos || level == nullptr || *level) refuse_tcb(text);
    *level = static_cast<unsigned>(number_of("--min-tcb " + name, part.substr(equals + 1), highest));
  }
  return levels;
}

/// What goes to the launch beside the measured pages.
void add_launch(LaunchReport& report, const MeasureSnpOptions& options, bool kernel_hashes) {
  const SnpLaunchOptions& launch = options.launch;
  provisioner::LaunchSecurity security{.tee = base::Tee::snp, .kernel_hashes = kernel_hashes};
  security.snp_policy = number_of("--policy", launch.policy, UINT64_MAX);
  if (launch.host_data) {
    security.host_data = base::from_hex(*launch.host_data);
    if (!security.host_data || security.host_data->size() != base::Sha256::size)
      throw base::Error(base::Kind::usage,
                        "--host-data: got '" + *launch.host_data + "', wanted 64 hexadecimal digits");
  }
  if (launch.minimum_tcb) report.minimum_tcb = tcb_of(*launch.minimum_tcb);
  if (launch.id_block) security.id_block = id_block_of(launch);
  report.policy = security.snp_policy;
  report.guest_svn = static_cast<std::uint32_t>(number_of("--guest-svn", launch.guest_svn, UINT32_MAX));
  report.launch_security = provisioner::launch_security_xml(security, "the guest");
}

std::map<unsigned, std::string> by_count(const std::vector<unsigned>& counts,
                                         const std::vector<LaunchDigest>& digests) {
  std::map<unsigned, std::string> chosen;
  for (const unsigned count : counts) chosen[count] = digests[count - 1].hex();
  return chosen;
}

LaunchReport svsm_launch_report(const MeasureSnpOptions& options) {
  const std::vector<unsigned> counts = vcpu_counts(options.vcpu.vcpus);
  const std::uint32_t signature = required_signature_of(options.vcpu);
  const std::uint64_t variables_size = number_of("--vars-size", options.variables_size, UINT32_MAX);
  const BootFiles files = options.sev.map();
  const base::MappedFile svsm(*options.svsm);
  LaunchReport report;
  report.tee = "snp";
  report.assumed.push_back({"vmm", "hypervisor", "svsm-v8", "svsm-v8: COCONUT's QEMU up to svsm-v8, without IGVM"});
  assume_cpu(report, options.vcpu, signature);
  report.assumed.push_back({"sevFeatures", "SEV features", "0x1", {}});
  report.assumed.push_back({"variablesSize", "variable store", base::hex_number(variables_size),
                            base::hex_number(variables_size) + " bytes, not measured"});
  report.launch_digest = by_count(counts, measurement::svsm_launch_digests({files.firmware.bytes(), variables_size,
                                                                            svsm.bytes(), signature, counts.back()}));
  return report;
}

}  // namespace

LaunchReport snp_launch_report(const MeasureSnpOptions& options) {
  if (options.svsm) return svsm_launch_report(options);
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
  assume_kernel(report, options.sev, files);
  report.launch_digest = by_count(counts, digests);
  report.also.push_back({"firmwareDigest", "firmware digest", firmware_digest.hex(), {}});
  note_features(report, guest.sev_features);
  note_profile(report, options, profile, launches.firmware());
  add_launch(report, options, guest.kernel.has_value());
  return report;
}

int measure_snp(const MeasureSnpOptions& options, Console& console) {
  write_report(snp_launch_report(options), options.sev.output, console);
  return 0;
}

}  // namespace cli
