#pragma once
#include "guest/secrets.h"

namespace guest {

/// The guest's secrets from the KMS that initdata names (kms/passport.h), which are made there by whoever first asks:
/// this guest. The service says only whether an empty disk may be formatted, and never sees a key.
/// @throws Error{host} when the KMS cannot be reached or fails, and asking again is right; Error{not_attested} with its
/// reason when it refuses this guest; whatever session throws
Secrets passport_secrets(const base::Initdata& initdata, attestation::wire::AttestedSession& session,
                         const OpenKms& open_kms);

/// The same of one volume whose header is brought into line with these versions, which the service has just named: the
/// current one and, while it rotates, the next one, which is made. Should the owner have deleted the current one
/// meanwhile, the next one, if it is there, is in its place, too.
/// @throws Error{failure} when what there must be was deleted; ProviderError
std::vector<base::Secret> passport_versions(const base::Initdata& initdata, attestation::wire::AttestedSession& session,
                                            const OpenKms& open_kms, const std::string& volume,
                                            const attestation::wire::VolumeVersions& versions);

/// The KMS under its pinned CA, over TLS with the guest's own certificate.
std::shared_ptr<kms::HttpTransport> make_kms_transport(const base::Initdata::Kms& kms,
                                                       const attestation::wire::ClientIdentity& identity);

}  // namespace guest
