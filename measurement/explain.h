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
#include "measurement/firmware_profile.h"
#include "measurement/fw_cfg_files.h"
#include "measurement/launch_configuration.h"

/// Why is a digest not the planned one? Launches near the planned ones are measured until one has the digest.
namespace measurement {

/// A file a launch may have used; somebody else owns the bytes.
struct KnownFile {
  std::string name;  ///< as a person calls it
  base::Bytes bytes;
  base::Sha256 sha256;  ///< of the bytes
};
struct LaunchCandidate;
/// What a hypervisor may have handed to the firmware: ACPI, SMBIOS and fw_cfg tables.
struct KnownTables {
  std::string name;  ///< "those of QEMU 10.0", a folder's name
  /// The tables for a launch's vCPUs, memory and machine type; a dump's are the same for all.
  /// @throws base::Error when the hypervisor does not take such a machine
  std::function<const FwCfgFiles&(const LaunchCandidate&, base::Tee)> of;
  bool follow_the_shape = false;  ///< whether `of` looks at the launch
};
struct KnownFiles {
  std::vector<KnownFile> firmware, kernels, initrds;
  std::vector<KnownTables> tables = {};
};

/// One launch, by everything a variation may change. Files and tables are indices into KnownFiles.
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
  // Of registers that are extended event by event (a TPM's, a TD's):
  std::string machine = "q35";                    ///< as in LaunchConfiguration
  HypervisorVersion hypervisor;                   ///< likewise
  PageOrder page_order = PageOrder::single_pass;  ///< likewise
  std::optional<ProcessorId> processor;           ///< likewise
  std::optional<std::size_t> tables;              ///< nullopt: not known
  std::optional<FirmwareGeneration> generation;   ///< nullopt: as the firmware's image says
  std::optional<InitrdWord> initrd_word;          ///< likewise
};

/// What a variation changes. Two changes of one input are never combined.
enum class Input {
  command_line,
  initrd,
  kernel,
  kernel_hashes,
  cpu,
  sev_features,
  vmm,
  firmware,
  memory,
  vcpus,
  machine,
  hypervisor,
  page_order,
  processor,
  tables,
  generation,
  initrd_word
};

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
