#pragma once
#include <map>
#include <tuple>

#include "measurement/boot_images.h"
#include "measurement/explain.h"
#include "measurement/prediction.h"
#include "measurement/tdx.h"

namespace measurement {

/// Predicts launches of known files event by event. What two launches share of files is worked out once.
class CandidateBoots {
 public:
  /// @param files must outlive this
  explicit CandidateBoots(const KnownFiles& files) : files_(files) {}

  /// @throws base::Error{malformed} for firmware that starts no TD
  Mrtd mrtd(const LaunchCandidate& candidate);
  /// @param tee tdx: the events of a TD in its own registers; emulated: those of a TPM's PCRs
  /// @throws base::Error when the launch cannot be, or cannot be predicted
  Prediction predict(const LaunchCandidate& candidate, base::Tee tee);

 private:
  BootImages& images_of(const LaunchCandidate& candidate, base::Tee tee);
  [[nodiscard]] FirmwareProfile profile_of(const LaunchCandidate& candidate);

  using Files = std::tuple<std::size_t, std::optional<std::size_t>, std::optional<std::size_t>>;
  const KnownFiles& files_;
  std::map<Files, BootImages> images_;
  std::map<std::size_t, FirmwareProfile> profiles_;  ///< by firmware: finding it out means decompressing it
  std::map<std::pair<std::size_t, PageOrder>, Mrtd> mrtds_;
};

}  // namespace measurement
