#pragma once
#include <map>
#include <optional>

#include "measurement/boot_events.h"
#include "measurement/fw_cfg_files.h"
#include "measurement/linux_kernel.h"
#include "measurement/mrtd.h"
#include "measurement/snp.h"

namespace measurement {

/// The bytes of the files of a LaunchConfiguration, owned by somebody else.
struct BootBytes {
  base::Bytes firmware, kernel;
  std::optional<base::Bytes> initrd;
};

/// SHA-256 of the files QEMU hashes with kernel-hashes=on.
struct FileHashes {
  base::Sha256 kernel;
  std::optional<base::Sha256> initrd;
};

/// Boot files whose digests are computed when first asked for and once only. Make one for all guests that share the
/// files: only their command lines differ. Not for use by several threads at a time.
class BootImages {
 public:
  explicit BootImages(const BootBytes& bytes) : bytes_(bytes) {}

  [[nodiscard]] base::Bytes firmware() const noexcept { return bytes_.firmware; }
  [[nodiscard]] bool has_kernel() const noexcept { return !bytes_.kernel.empty(); }
  const FirmwareProfile& firmware_profile();
  /// What is enrolled in the firmware image itself; nothing when it has no variable store.
  const VariableStore& firmware_variables();
  const std::vector<TdvfSection>& tdvf_sections();
  const Mrtd& mrtd(PageOrder order);
  /// Of the variable stores in the TDVF (CFV), in the order of its sections.
  const std::vector<BankDigests>& configuration_volumes();
  /// What the hypervisor offers the firmware, as far as somebody harvested it.
  [[nodiscard]] const FwCfgFiles& fw_cfg_files() const noexcept { return fw_cfg_files_; }
  void set_fw_cfg_files(FwCfgFiles files) { fw_cfg_files_ = std::move(files); }
  /// The SNP launches of these files as that hypervisor makes them.
  SnpLaunches& snp_launches(const VmmProfile& profile);
  /// What QEMU hashes with kernel-hashes=on. The files are hashed when first asked for: kernel and initrd at the same
  /// time, in two threads, where they are large.
  KernelHashes kernel_hashes(std::string_view command_line);
  std::optional<BankDigests> initrd_digests();
  [[nodiscard]] std::optional<std::uint64_t> initrd_size() const;
  /// Authenticode digests of the kernel as it is, or as QEMU's legacy loader patches it for `load`.
  const BankDigests& kernel_digests();
  const BankDigests& patched_kernel_digests(const LegacyLoad& load);
  /// Spares hashing them. @pre the files are what the hashes say
  void set_file_hashes(const FileHashes& hashes) { file_hashes_ = hashes; }
  /// Overrides what detect_firmware_profile() would say.
  void set_firmware_profile(const FirmwareProfile& profile) { profile_ = profile; }

 private:
  [[nodiscard]] FileHashes hash_files() const;

  BootBytes bytes_;
  FwCfgFiles fw_cfg_files_;
  std::optional<FirmwareProfile> profile_;
  std::optional<VariableStore> variables_;
  std::optional<std::vector<TdvfSection>> tdvf_sections_;
  std::map<PageOrder, Mrtd> mrtds_;
  std::optional<std::vector<BankDigests>> configuration_volumes_;
  std::map<std::string_view, SnpLaunches> snp_launches_;  ///< by the profile's name
  std::optional<FileHashes> file_hashes_;
  std::optional<BankDigests> initrd_, kernel_;
  std::map<SetupHeaderPatch, BankDigests> patched_;
};

}  // namespace measurement
