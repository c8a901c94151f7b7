#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "provisioner/intent.h"
#include "tenants/site.h"
#include "tenants/tenant.h"

namespace provisioner {

/// A file of the image on this machine.
struct ResolvedFile {
  FileRole role = FileRole::kernel;
  std::string path;
  std::optional<base::Sha256> sha256;  ///< nullopt as long as it is not built
};

/// The files and the command line a tenant's guests start from, as far as they are known.
struct ResolvedImage {
  std::vector<ResolvedFile> files;
  std::string command_line;  ///< for every guest alike
  [[nodiscard]] bool built() const noexcept;
  /// @pre there is such a file
  [[nodiscard]] const ResolvedFile& file(FileRole role) const;
};

/// What the documents name but do not contain.
struct IntentSources {
  /// The text of a file: an owner's public key, the tenant's CA. @param path as seen from the working directory
  std::function<std::string(const std::string& path)> read;
  ResolvedImage image;
  std::vector<std::string> not_built;  ///< what the documents ask for and `apply` cannot do yet
};

/// Where a tenant's keys are; nullopt for the embedded store.
/// @param read as IntentSources::read. @throws Error{malformed} for a certificate that is none
std::optional<kms::Place> kms_place(const tenants::Tenant& tenant,
                                    const std::function<std::string(const std::string& path)>& read);

/// Everything that follows from a tenant's documents and image: deterministic, nothing of another tenant. Reference
/// values are left out; measure() fills them in.
/// @throws Error{failure} when the tenant has no attestation service on the host's router or an uplink is not the
/// host's
Intent make_intent(const tenants::Tenant& tenant, const tenants::SiteHost& host, const IntentSources& sources);

/// Predicts what one guest will report: its reference values as the approval holds them; null when it cannot be told.
/// What was learnt of the hypervisor meanwhile is added to the guest's launch configuration.
/// @pre the guest has a launch configuration
using Measure = std::function<base::Json(GuestIntent& guest)>;
/// Fills in every guest's reference values. Guests of one pool have the same for snp; for emulated each has its own,
/// because its initdata stands in its command line.
void measure(Intent& intent, const Measure& predict);

}  // namespace provisioner
