#include "measurement/candidate_boots.h"

#include "base/error.h"
#include "measurement/measure.h"

namespace measurement {
namespace {

LaunchConfiguration configuration_of(const LaunchCandidate& candidate, base::Tee tee) {
  LaunchConfiguration configuration;
  configuration.tee = tee;
  configuration.memory = candidate.memory;
  configuration.vcpus = candidate.vcpus;
  configuration.command_line = candidate.command_line;
  configuration.machine = candidate.machine;
  configuration.hypervisor = candidate.hypervisor;
  configuration.tdx_page_order = candidate.page_order;
  configuration.processor_id = candidate.processor;
  if (candidate.initrd) configuration.initrd = BootFile{};
  return configuration;
}

}  // namespace

Mrtd CandidateBoots::mrtd(const LaunchCandidate& candidate) {
  const std::pair key{candidate.firmware, candidate.page_order};
  const auto found = mrtds_.find(key);
  if (found != mrtds_.end()) return found->second;
  const base::Bytes firmware = files_.firmware[candidate.firmware].bytes;
  return mrtds_.emplace(key, measurement::mrtd(firmware, read_tdvf(firmware), candidate.page_order)).first->second;
}

Prediction CandidateBoots::predict(const LaunchCandidate& candidate, base::Tee tee) {
  const LaunchConfiguration configuration = configuration_of(candidate, tee);
  if (tee == base::Tee::tdx) return predict_td(configuration, images_of(candidate, tee)).boot;
  if (!candidate.kernel) throw base::Error(base::Kind::usage, "PCRs: wanted a launch with a kernel");
  return predict_direct_boot(boot_inputs(configuration, images_of(candidate, tee)));
}

BootImages& CandidateBoots::images_of(const LaunchCandidate& candidate, base::Tee tee) {
  const Files key(candidate.firmware, candidate.kernel, candidate.initrd);
  auto found = images_.find(key);
  if (found == images_.end()) {
    BootBytes bytes{files_.firmware[candidate.firmware].bytes, {}, std::nullopt};
    if (candidate.kernel) bytes.kernel = files_.kernels[*candidate.kernel].bytes;
    if (candidate.initrd) bytes.initrd = files_.initrds[*candidate.initrd].bytes;
    found = images_.emplace(key, BootImages(bytes)).first;
  }
  BootImages& images = found->second;
  images.set_firmware_profile(profile_of(candidate));
  images.set_fw_cfg_files(candidate.tables ? files_.tables[*candidate.tables].of(candidate, tee) : FwCfgFiles{});
  return images;
}

FirmwareProfile CandidateBoots::profile_of(const LaunchCandidate& candidate) {
  auto found = profiles_.find(candidate.firmware);
  if (found == profiles_.end())
    found =
        profiles_.emplace(candidate.firmware, detect_firmware_profile(files_.firmware[candidate.firmware].bytes)).first;
  FirmwareProfile profile = found->second;
  if (candidate.generation) profile.generation = *candidate.generation;
  if (candidate.initrd_word) profile.initrd_word = *candidate.initrd_word;
  return profile;
}

}  // namespace measurement
