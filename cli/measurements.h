#pragma once
#include "cli/boot_files.h"
#include "measurement/boot_images.h"
#include "provisioner/intent.h"

namespace cli {

/// Measures guests that boot the same files; what they share is hashed once.
class GuestMeasurements {
 public:
  /// @param hashes of the kernel and the initrd, which the caller has checked
  GuestMeasurements(BootFiles files, const measurement::FileHashes& hashes);
  GuestMeasurements(const GuestMeasurements&) = delete;
  GuestMeasurements& operator=(const GuestMeasurements&) = delete;
  /// The reference values of one guest as its approval holds them: `{"tpm":..}` for emulated, `{"snp":..}` for snp,
  /// null for tdx, which cannot be predicted yet.
  /// @param guest_svn of the guest's ID block
  /// @pre the guest has a launch configuration
  /// @throws Error{malformed} when a file does not parse, Error{failure} when the launch cannot work
  base::Json reference_values(const provisioner::GuestIntent& guest, unsigned guest_svn);

 private:
  BootFiles files_;
  measurement::BootImages images_;  ///< views files_
};

}  // namespace cli
