#pragma once
#include "cli/boot_files.h"
#include "measurement/boot_images.h"
#include "provisioner/intent.h"

namespace cli {

/// Measures the guests of one tenant; what they share is hashed once.
class GuestMeasurements {
 public:
  GuestMeasurements(BootFiles files, unsigned guest_svn);
  GuestMeasurements(const GuestMeasurements&) = delete;
  GuestMeasurements& operator=(const GuestMeasurements&) = delete;
  /// The reference values of one guest as its approval holds them: `{"tpm":..}` for emulated, `{"snp":..}` for snp,
  /// null for tdx, which cannot be predicted yet.
  /// @pre the guest has a launch configuration
  /// @throws Error{malformed} when a file does not parse, Error{failure} when the launch cannot work
  base::Json reference_values(const provisioner::GuestIntent& guest);

 private:
  BootFiles files_;
  measurement::BootImages images_;  ///< views files_
  unsigned guest_svn_;
};

}  // namespace cli
