#pragma once
#include <string>
#include <vector>

#include "cli/boot_files.h"
#include "measurement/measure.h"
#include "provisioner/intent.h"
#include "provisioner/qemu_arguments.h"

namespace cli {

/// What a tenant's documents say of all its guests beside their launch configurations.
struct GuestSettings {
  std::uint32_t guest_svn = 0;                       ///< of the ID block; snp only
  std::optional<measurement::SnpIdentity> identity;  ///< likewise; absent without an ID key
  bool root_image = false;                           ///< whether guests have a disk with one
};

/// Measures guests that boot the same files; what they share is worked out once.
class GuestMeasurements {
 public:
  /// @param hashes of the kernel and the initrd, which the caller has checked
  /// @param qemu the program whose ACPI tables TDX guests will measure
  GuestMeasurements(BootFiles files, const measurement::FileHashes& hashes, std::string qemu);
  GuestMeasurements(const GuestMeasurements&) = delete;
  GuestMeasurements& operator=(const GuestMeasurements&) = delete;
  /// The reference values of one guest as its approval holds them: `{"tpm":..}` for emulated, `{"snp":..}` for snp,
  /// `{"tdx":..}` for tdx, whose launch configuration then names the release of the QEMU that was asked.
  /// @pre the guest has a launch configuration
  /// @throws Error{malformed} when a file does not parse, Error{failure} when the launch cannot work or a register not
  /// be known, Error{host} when QEMU is missing or has no such machine
  base::Json reference_values(provisioner::GuestIntent& guest, const GuestSettings& settings);

 private:
  /// A TD's values follow from its launch and devices; MRCONFIGID is each guest's own.
  struct MeasuredTd {
    measurement::LaunchConfiguration launch;
    provisioner::GuestDevices devices;
    measurement::HypervisorVersion hypervisor;
    measurement::TdxReferenceValues values;
  };
  const MeasuredTd& measured_td(const measurement::LaunchConfiguration& launch,
                                const provisioner::GuestDevices& devices);
  measurement::TdxReferenceValues td_values(provisioner::GuestIntent& guest, const GuestSettings& settings);
  measurement::SnpReferenceValues snp_values(const provisioner::GuestIntent& guest, const GuestSettings& settings);

  BootFiles files_;
  measurement::BootImages images_;  ///< views files_
  std::string qemu_;
  std::vector<MeasuredTd> tds_;
};

}  // namespace cli
