#include "measurement/measure.h"

#include "base/error.h"
#include "measurement/cpu_models.h"
#include "measurement/kernel_as_read.h"
#include "measurement/pcr1.h"

namespace measurement {
namespace {

TpmReferenceValues measure_emulated(const LaunchConfiguration& configuration, BootImages& images) {
  TpmReferenceValues values;
  values.events = predict_boot_events(boot_inputs(configuration, images));
  values.pcrs = fold(values.events);
  return values;
}

std::uint32_t signature_of(const LaunchConfiguration& configuration) {
  if (configuration.cpuid_signature) return *configuration.cpuid_signature;
  if (const auto signature = cpuid_signature(configuration.cpu_model)) return *signature;
  throw base::Error(base::Kind::failure, "cpu model '" + configuration.cpu_model +
                                             "': its CPUID signature is not known, wanted one of " + cpu_model_names() +
                                             ", or an explicit signature");
}

const VmmProfile& profile_of(const LaunchConfiguration& configuration) {
  if (const VmmProfile* const profile = find_vmm_profile(configuration.vmm)) return *profile;
  std::string names;
  for (const VmmProfile& known : vmm_profiles()) names += (names.empty() ? "" : ", ") + std::string(known.name);
  throw base::Error(base::Kind::failure, "vmm: got '" + configuration.vmm + "', wanted one of " + names);
}

SnpReferenceValues measure_snp(const LaunchConfiguration& configuration, BootImages& images) {
  SnpGuest guest;
  guest.kernel = images.kernel_hashes(configuration.command_line);
  guest.cpuid_signature = signature_of(configuration);
  guest.vcpus = configuration.vcpus;
  SnpReferenceValues values;
  values.launch_digest = images.snp_launches(profile_of(configuration)).digests(guest).back();
  values.policy = configuration.snp_policy;
  values.vmm = configuration.vmm;
  return values;
}

TdxReferenceValues measure_tdx(const LaunchConfiguration& configuration, BootImages& images) {
  const TdPrediction predicted = predict_td(configuration, images);
  for (unsigned index = 0; index < predicted_rtmrs; ++index)
    if (const std::string reasons = unknown_because(predicted.boot, index); !reasons.empty())
      throw base::Error(base::Kind::failure, "RTMR" + std::to_string(index) + " cannot be known: " + reasons);
  TdxReferenceValues values;
  values.mrtd = predicted.mrtd;
  values.rtmrs = rtmr_sets(predicted.boot);
  values.events = predicted.boot.events;
  return values;
}

}  // namespace

BootInputs boot_inputs(const LaunchConfiguration& configuration, BootImages& images) {
  BootInputs inputs;
  inputs.profile = images.firmware_profile();
  inputs.kernel = kernel_as_read(configuration, images);
  inputs.initrd = images.initrd_digests();
  inputs.command_line = configuration.command_line;
  if (!images.fw_cfg_files().empty()) inputs.pcr1 = pcr1_events({inputs.profile, images.fw_cfg_files()});
  return inputs;
}

Measurement measure(const LaunchConfiguration& configuration, BootImages& images) {
  if (configuration.initrd.has_value() != images.initrd_size().has_value())
    throw base::Error(base::Kind::usage,
                      "initrd: the launch configuration and the boot files disagree about having one");
  switch (configuration.tee) {
    case base::Tee::emulated:
      return measure_emulated(configuration, images);
    case base::Tee::snp:
      return measure_snp(configuration, images);
    case base::Tee::tdx:
      return measure_tdx(configuration, images);
  }
  throw base::Error(base::Kind::usage, "tee: not known");
}

Measurement measure(const LaunchConfiguration& configuration, const BootBytes& bytes) {
  BootImages images(bytes);
  return measure(configuration, images);
}

}  // namespace measurement
