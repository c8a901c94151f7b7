#pragma once
#include <string>

#include "provisioner/intent.h"

namespace cli {

/// The bytes the firmware loads, read once for all guests of a tenant.
struct BootFiles {
  std::string firmware, kernel, initrd;
};

/// The reference values of one guest as its approval holds them: `{"tpm":..}` for emulated, `{"snp":..}` for snp, null
/// for a TEE whose values cannot be predicted yet.
/// @throws Error{malformed} when firmware or kernel are not what a guest can start from
base::Json reference_values(const provisioner::GuestIntent& guest, const BootFiles& files, unsigned guest_svn);

}  // namespace cli
