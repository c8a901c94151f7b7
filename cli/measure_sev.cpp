#include "cli/measure_sev.h"

#include "base/encoding.h"
#include "base/error.h"
#include "cli/flag_values.h"
#include "measurement/sev.h"

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

}  // namespace

LaunchReport sev_launch_report(const MeasureSevOptions& options) {
  const BootFiles files = options.sev.map();
  LaunchReport report;
  report.tee = "sev";
  assume_kernel(report, options.sev);
  report.launch_digest =
      measurement::sev_launch_digest(files.firmware.bytes(), kernel_hashes_of(options.sev, files)).hex();
  return report;
}

LaunchReport sev_es_launch_report(const MeasureSevEsOptions& options) {
  const VmType& vm_type = vm_type_of(options.vm_type);
  const std::vector<unsigned> counts = vcpu_counts(options.vcpu.vcpus);
  const std::uint32_t signature = required_signature_of(options.vcpu);
  const std::uint64_t features = sev_features_of(options.vcpu, 0);
  const BootFiles files = options.sev.map();
  const std::vector<measurement::SevLaunchDigest> digests = measurement::sev_es_launch_digests(
      {files.firmware.bytes(), kernel_hashes_of(options.sev, files), signature, features, vm_type.type, counts.back()});
  LaunchReport report;
  report.tee = "sev-es";
  report.assumed.push_back({"vmType", "VM type", vm_type.name, std::string(vm_type.name) + ": " + vm_type.describes});
  assume_cpu(report, options.vcpu, signature);
  report.assumed.push_back({"sevFeatures", "SEV features", base::hex_number(features), {}});
  assume_kernel(report, options.sev);
  auto& by_count = report.launch_digest.emplace<std::map<unsigned, std::string>>();
  for (const unsigned count : counts) by_count[count] = digests[count - 1].hex();
  return report;
}

int measure_sev(const MeasureSevOptions& options, Console& console) {
  write_report(sev_launch_report(options), options.sev.output, console);
  return 0;
}

int measure_sev_es(const MeasureSevEsOptions& options, Console& console) {
  write_report(sev_es_launch_report(options), options.sev.output, console);
  return 0;
}

}  // namespace cli
