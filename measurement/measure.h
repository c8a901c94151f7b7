#pragma once
#include <variant>

#include "base/json.h"
#include "measurement/boot_images.h"
#include "measurement/id_block.h"
#include "measurement/launch_configuration.h"
#include "measurement/tdx.h"

namespace measurement {

/// What the TPM of an emulated guest will hold when the kernel has taken over.
struct TpmReferenceValues {
  std::vector<BootEvent> events;
  PcrValues pcrs;
  bool operator==(const TpmReferenceValues&) const = default;
};

/// What an SNP guest's ID block says beside launch digest, policy and guest SVN, and whose keys signed it.
struct SnpIdentity {
  GuestIdentifier family_id{}, image_id{};
  base::Sha384 id_key_digest;
  std::optional<base::Sha384> author_key_digest;
  bool operator==(const SnpIdentity&) const = default;
};

/// What an SNP report will say. The launch digest does not cover `host_data` (the SHA-256 of the guest's initdata): the
/// caller sets it, and what only the owner's ID block says.
struct SnpReferenceValues {
  LaunchDigest launch_digest;
  base::Sha256 host_data;
  std::uint64_t policy = 0;
  std::uint32_t guest_svn = 0;
  std::string vmm = "qemu";             ///< the profile (vmm_profile.h) the launch digest is for
  std::optional<SnpIdentity> identity;  ///< absent: launched without an ID block, so the report has zeros
  bool operator==(const SnpReferenceValues&) const = default;
};

using MrConfigId = base::Digest<struct MrConfigIdTag, 48>;

/// What a TD's quote will say when the kernel has taken over. No register covers MRCONFIGID (the SHA-384 of the guest's
/// initdata): the caller sets it.
struct TdxReferenceValues {
  Mrtd mrtd;
  MrConfigId mr_config_id;
  RtmrSets rtmrs;                 ///< all the values that are right, at least one each
  std::vector<BootEvent> events;  ///< of the first value of each set; RTMR n has `pcr` n+1
  bool operator==(const TdxReferenceValues&) const = default;
};

/// What the events of a direct boot follow from, with an empty variable store. PCR 1 is among them when `images` has
/// the hypervisor's tables.
/// @throws base::Error as kernel_as_read() and BootImages
BootInputs boot_inputs(const LaunchConfiguration& configuration, BootImages& images);

using Measurement = std::variant<TpmReferenceValues, SnpReferenceValues, TdxReferenceValues>;

/// Predicts what the hardware, or the TPM, says after it launched `configuration` with the files in `images`.
/// @throws base::Error{malformed} for files that do not parse, Error{failure} when the launch cannot work or cannot be
/// predicted: the message says which input is missing
Measurement measure(const LaunchConfiguration& configuration, BootImages& images);
Measurement measure(const LaunchConfiguration& configuration, const BootBytes& bytes);

/// The member "referenceValues" of an approval: {"tpm": {...}}, {"snp": {...}} or {"tdx": {...}} (docs/architecture.md,
/// "Approval").
base::Json reference_values_json(const Measurement& measurement);
/// The inverse. @throws base::Error{malformed} for unknown or missing members, or digests of the wrong length
Measurement parse_reference_values(const base::Json& json);

}  // namespace measurement
