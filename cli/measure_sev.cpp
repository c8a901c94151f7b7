#include "cli/measure_sev.h"

#include "base/encoding.h"
#include "base/error.h"
#include "cli/flag_values.h"

namespace cli {
namespace {

using measurement::SevEsVmType;

struct VmType {
  const char* name;
  SevEsVmType type;
  const char* describes;
};
constexpr VmType vm_types[] = {
    {"legacy", SevEsVmType::legacy, "KVM_SEV_ES_INIT, QEMU's default: FPU state zero"},
    {"init2", SevEsVmType::init2, "KVM_SEV_INIT2, QEMU with legacy-vm-type=off: FPU state as at reset"}};

const VmType& vm_type_of(const std::string& name) {
  for (const VmType& type : vm_types)
    if (name == type.name) return type;
  throw base::Error(base::Kind::usage, "--vm-type: got '" + name + "', wanted legacy or init2");
}

int finish(LaunchReport report, const SevOptions& options, const SevSessionOptions& session,
           const std::map<unsigned, measurement::SevLaunchDigest>& digests, Console& console) {
  const bool genuine = check_measurement(report, session, digests);
  write_report(report, options.output, console);
  return genuine ? 0 : base::exit_code(base::Kind::not_attested);
}

}  // namespace

int measure_sev(const MeasureSevOptions& options, Console& console) {
  const BootFiles files = options.sev.map();
  LaunchReport report;
  report.tee = "sev";
  assume_kernel(report, options.sev, files);
  const measurement::SevLaunchDigest digest =
      measurement::sev_launch_digest(files.firmware.bytes(), kernel_hashes_of(options.sev, files));
  report.launch_digest = digest.hex();
  return finish(std::move(report), options.sev, options.session, {{0, digest}}, console);
}

int measure_sev_es(const MeasureSevEsOptions& options, Console& console) {
  const VmType& vm_type = vm_type_of(options.vm_type);
  const std::vector<unsigned> counts = vcpu_counts(options.vcpu.vcpus);
  const std::uint32_t signature = required_signature_of(options.vcpu);
  const std::uint64_t features = sev_features_of(options.vcpu, 0);
  const BootFiles files = options.sev.map();
  const std::vector<measurement::SevLaunchDigest> all = measurement::sev_es_launch_digests(
      {files.firmware.bytes(), kernel_hashes_of(options.sev, files), signature, features, vm_type.type, counts.back()});
  LaunchReport report;
  report.tee = "sev-es";
  report.assumed.push_back({"vmType", "VM type", vm_type.name, std::string(vm_type.name) + ": " + vm_type.describes});
  assume_cpu(report, options.vcpu, signature);
  report.assumed.push_back({"sevFeatures", "SEV features", base::hex_number(features), {}});
  assume_kernel(report, options.sev, files);
  std::map<unsigned, measurement::SevLaunchDigest> digests;
  auto& by_count = report.launch_digest.emplace<std::map<unsigned, std::string>>();
  for (const unsigned count : counts) {
    digests[count] = all[count - 1];
    by_count[count] = all[count - 1].hex();
  }
  return finish(std::move(report), options.sev, options.session, digests, console);
}

}  // namespace cli
