#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/units.h"

/// Why is a digest not the planned one? Launches near the planned ones are measured until one has the digest.
namespace measurement {

/// A file a launch may have used; somebody else owns the bytes.
struct KnownFile {
  std::string name;  ///< as a person calls it
  base::Bytes bytes;
  base::Sha256 sha256;  ///< of the bytes
};
struct KnownFiles {
  std::vector<KnownFile> firmware, kernels, initrds;
};

/// One launch, by everything a variation may change. Files are indices into KnownFiles.
struct LaunchCandidate {
  std::size_t firmware = 0;
  std::optional<std::size_t> kernel, initrd;
  std::string command_line;
  bool kernel_hashes = true;  ///< QEMU's kernel-hashes=on; only where there is a kernel
  std::string cpu;            ///< QEMU's model, for messages; may be empty when the signature was given
  std::uint32_t cpuid_signature = 0;
  std::uint64_t sev_features = 1;
  std::string vmm = "qemu";  ///< a name of vmm_profiles()
  unsigned vcpus = 1;
  base::MiB memory;
};

/// What a variation changes. Two changes of one input are never combined.
enum class Input { command_line, initrd, kernel, kernel_hashes, cpu, sev_features, vmm, firmware, memory, vcpus };

/// One input that may have been another than planned.
struct Change {
  Input input = Input::command_line;
  std::string text;  ///< "a command line with a trailing newline (planned: without)"
  std::function<void(LaunchCandidate&)> apply;
};
/// Everything near `planned`, the likely first.
/// @param host_signature CPUID.1.EAX of the host as a report says it, for the models "host" and "max"
std::vector<Change> variations(const LaunchCandidate& planned, const KnownFiles& files,
                               std::optional<std::uint32_t> host_signature = std::nullopt);

/// How one kind of digest follows from a launch.
class LaunchModel {
 public:
  virtual ~LaunchModel() = default;
  /// The inputs this kind of digest depends on; others are not varied.
  [[nodiscard]] virtual const std::set<Input>& inputs() const = 0;
  struct Match {
    std::string reg;     ///< the register that has the digest: "launch digest", "PCR 9 (SHA-256)"
    unsigned vcpus = 1;  ///< the count it has it for; the candidate's own where the digest does not depend on it
  };
  /// Whether the launch, with its own or another vCPU count, has the digest.
  /// @throws base::Error when the launch cannot be: the firmware cannot take the kernel's hashes, say
  virtual std::optional<Match> match(const LaunchCandidate& candidate, base::Bytes digest) = 0;
};

/// A launch somebody planned.
struct PlannedLaunch {
  std::string name;  ///< "acme/worker"; "the launch" without a plan
  LaunchCandidate launch;
};

struct Explanation {
  std::size_t planned = 0;  ///< index of the planned launch it is near
  std::string reg;
  LaunchCandidate launch;            ///< the launch that has the digest
  std::vector<std::string> changes;  ///< empty: exactly as planned
  std::size_t tried = 0;             ///< candidates measured; each stands for all vCPU counts
};

struct SearchOptions {
  unsigned most_changes = 2;  ///< besides the vCPU count
  std::optional<std::uint32_t> host_signature;
  /// Told now and then how many candidates are measured of how many; returns false to stop.
  std::function<bool(std::size_t tried, std::size_t of)> progress;
};
struct SearchResult {
  std::optional<Explanation> found;
  std::size_t tried = 0;
  bool complete = true;  ///< false when `progress` stopped it
  /// Why a planned launch itself cannot be measured: one text for each that cannot.
  std::vector<std::string> impossible;
};

/// Searches the planned launches, then all single changes of each, then all pairs, for a launch with `digest`.
SearchResult explain_digest(base::Bytes digest, const std::vector<PlannedLaunch>& planned, const KnownFiles& files,
                            LaunchModel& model, const SearchOptions& options = {});

/// "acme/worker with 8 vCPUs (planned 16)"; "acme/worker, as planned".
std::string text_of(const Explanation& explanation, const std::vector<PlannedLaunch>& planned);

}  // namespace measurement
