#include <algorithm>
#include <map>

#include "measurement/explain_models.h"
#include "measurement/sev.h"
#include "measurement/snp.h"

namespace measurement {
namespace {

std::optional<KernelHashes> kernel_hashes_of(const LaunchCandidate& candidate, const KnownFiles& files) {
  if (!candidate.kernel || !candidate.kernel_hashes) return std::nullopt;
  const auto initrd = candidate.initrd ? std::optional(files.initrds[*candidate.initrd].sha256) : std::nullopt;
  return kernel_hashes(files.kernels[*candidate.kernel].sha256, initrd, candidate.command_line);
}

/// Which vCPU count has the digest: the planned one first.
template <typename Digest>
std::optional<LaunchModel::Match> match_count(const std::vector<Digest>& digests, base::Bytes wanted,
                                              const std::string& reg) {
  const auto found = std::find_if(digests.begin(), digests.end(), [&](const Digest& digest) {
    return std::equal(wanted.begin(), wanted.end(), digest.bytes.begin(), digest.bytes.end());
  });
  if (found == digests.end()) return std::nullopt;
  return LaunchModel::Match{reg, static_cast<unsigned>(found - digests.begin()) + 1};
}

class SnpModel final : public LaunchModel {
 public:
  explicit SnpModel(const KnownFiles& files) : files_(files) {}

  [[nodiscard]] const std::set<Input>& inputs() const override {
    static const std::set<Input> all{Input::command_line, Input::initrd,       Input::kernel, Input::kernel_hashes,
                                     Input::cpu,          Input::sev_features, Input::vmm,    Input::firmware};
    return all;
  }

  std::optional<Match> match(const LaunchCandidate& candidate, base::Bytes digest) override {
    SnpLaunches& launches = launches_of(candidate);
    SnpGuest guest{kernel_hashes_of(candidate, files_), candidate.cpuid_signature, candidate.sev_features,
                   std::max(candidate.vcpus, most_searched_vcpus)};
    if (!launches.firmware().boot.reset_address) guest.vcpus = 1;
    return match_count(launches.digests(guest), digest, "launch digest");
  }

 private:
  SnpLaunches& launches_of(const LaunchCandidate& candidate) {
    const std::pair key{candidate.firmware, candidate.vmm};
    const auto found = launches_.find(key);
    if (found != launches_.end()) return found->second;
    SevFirmware firmware = read_sev_firmware(files_.firmware[candidate.firmware].bytes);
    SnpLaunches made(seed(candidate.firmware), std::move(firmware), *find_vmm_profile(candidate.vmm));
    return launches_.emplace(key, std::move(made)).first->second;
  }
  const LaunchDigest& seed(std::size_t firmware) {
    const auto found = seeds_.find(firmware);
    if (found != seeds_.end()) return found->second;
    return seeds_.emplace(firmware, firmware_launch_digest(files_.firmware[firmware].bytes)).first->second;
  }

  const KnownFiles& files_;
  std::map<std::size_t, LaunchDigest> seeds_;
  std::map<std::pair<std::size_t, std::string>, SnpLaunches> launches_;
};

class SevEsModel final : public LaunchModel {
 public:
  explicit SevEsModel(const KnownFiles& files) : files_(files) {}

  [[nodiscard]] const std::set<Input>& inputs() const override {
    static const std::set<Input> all{Input::command_line,  Input::initrd, Input::kernel,
                                     Input::kernel_hashes, Input::cpu,    Input::firmware};
    return all;
  }

  std::optional<Match> match(const LaunchCandidate& candidate, base::Bytes digest) override {
    SevEsLaunch launch{files_.firmware[candidate.firmware].bytes,
                       kernel_hashes_of(candidate, files_),
                       candidate.cpuid_signature,
                       0,
                       SevEsVmType::legacy,
                       std::max(candidate.vcpus, most_searched_vcpus)};
    for (const SevEsVmType type : {SevEsVmType::legacy, SevEsVmType::init2}) {
      launch.vm_type = type;
      const std::string reg = type == SevEsVmType::legacy ? "launch digest, made with KVM_SEV_ES_INIT"
                                                          : "launch digest, made with KVM_SEV_INIT2";
      if (auto found = match_count(sev_es_launch_digests(launch), digest, reg)) return found;
    }
    return std::nullopt;
  }

 private:
  const KnownFiles& files_;
};

class SevModel final : public LaunchModel {
 public:
  explicit SevModel(const KnownFiles& files) : files_(files) {}

  [[nodiscard]] const std::set<Input>& inputs() const override {
    static const std::set<Input> all{Input::command_line, Input::initrd, Input::kernel, Input::kernel_hashes,
                                     Input::firmware};
    return all;
  }

  std::optional<Match> match(const LaunchCandidate& candidate, base::Bytes digest) override {
    const SevLaunchDigest measured =
        sev_launch_digest(files_.firmware[candidate.firmware].bytes, kernel_hashes_of(candidate, files_));
    if (!match_count(std::vector{measured}, digest, "launch digest")) return std::nullopt;
    return Match{"launch digest", candidate.vcpus};
  }

 private:
  const KnownFiles& files_;
};

}  // namespace

std::unique_ptr<LaunchModel> snp_model(const KnownFiles& files) {
  return std::make_unique<SnpModel>(files);
}
std::unique_ptr<LaunchModel> sev_es_model(const KnownFiles& files) {
  return std::make_unique<SevEsModel>(files);
}
std::unique_ptr<LaunchModel> sev_model(const KnownFiles& files) {
  return std::make_unique<SevModel>(files);
}

}  // namespace measurement
