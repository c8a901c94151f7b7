#include <algorithm>
#include <map>
#include <tuple>

#include "base/error.h"
#include "measurement/explain_models.h"
#include "measurement/measure.h"

namespace measurement {
namespace {

/// The register and bank that hold the digest.
template <typename Digest>
std::optional<std::string> register_with(const std::map<unsigned, Digest>& bank, const char* name, base::Bytes digest) {
  for (const auto& [pcr, value] : bank)
    if (std::equal(digest.begin(), digest.end(), value.bytes.begin(), value.bytes.end()))
      return "PCR " + std::to_string(pcr) + " (" + name + ")";
  return std::nullopt;
}

class TpmModel final : public LaunchModel {
 public:
  TpmModel(const KnownFiles& files, std::string machine, HypervisorVersion hypervisor)
      : files_(files), machine_(std::move(machine)), hypervisor_(hypervisor) {}

  [[nodiscard]] const std::set<Input>& inputs() const override {
    static const std::set<Input> all{Input::command_line, Input::initrd, Input::kernel, Input::firmware, Input::memory};
    return all;
  }

  std::optional<Match> match(const LaunchCandidate& candidate, base::Bytes digest) override {
    if (!candidate.kernel) return std::nullopt;
    const TpmReferenceValues values = measured(candidate);
    auto reg = register_with(values.pcrs.sha256, "SHA-256", digest);
    if (!reg) reg = register_with(values.pcrs.sha384, "SHA-384", digest);
    return reg ? std::optional(Match{*reg, candidate.vcpus}) : std::nullopt;
  }

  /// @pre the launch has a kernel
  TpmReferenceValues measured(const LaunchCandidate& candidate) {
    LaunchConfiguration configuration;
    configuration.memory = candidate.memory;
    configuration.vcpus = candidate.vcpus;
    configuration.command_line = candidate.command_line;
    configuration.machine = machine_;
    configuration.hypervisor = hypervisor_;
    if (candidate.initrd) configuration.initrd = BootFile{};
    return std::get<TpmReferenceValues>(measure(configuration, images_of(candidate)));
  }

 private:
  BootImages& images_of(const LaunchCandidate& candidate) {
    const auto key = std::tuple(candidate.firmware, *candidate.kernel, candidate.initrd);
    const auto found = images_.find(key);
    if (found != images_.end()) return found->second;
    BootBytes bytes{files_.firmware[candidate.firmware].bytes, files_.kernels[*candidate.kernel].bytes, std::nullopt};
    if (candidate.initrd) bytes.initrd = files_.initrds[*candidate.initrd].bytes;
    BootImages& images = images_.emplace(key, BootImages(bytes)).first->second;
    const auto profile = profiles_.find(candidate.firmware);
    if (profile == profiles_.end())
      profiles_.emplace(candidate.firmware, images.firmware_profile());
    else
      images.set_firmware_profile(profile->second);
    return images;
  }

  const KnownFiles& files_;
  std::string machine_;
  HypervisorVersion hypervisor_;
  std::map<std::tuple<std::size_t, std::size_t, std::optional<std::size_t>>, BootImages> images_;
  std::map<std::size_t, FirmwareProfile> profiles_;  ///< by firmware: finding it out means decompressing it
};

}  // namespace

std::unique_ptr<LaunchModel> tpm_model(const KnownFiles& files, std::string machine, HypervisorVersion hypervisor) {
  return std::make_unique<TpmModel>(files, std::move(machine), hypervisor);
}

std::vector<BootEvent> predicted_events(const LaunchCandidate& launch, const KnownFiles& files, std::string machine,
                                        HypervisorVersion hypervisor) {
  if (!launch.kernel) throw base::Error(base::Kind::usage, "event log: wanted a planned launch with a kernel");
  return TpmModel(files, std::move(machine), hypervisor).measured(launch).events;
}

}  // namespace measurement
