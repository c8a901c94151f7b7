#pragma once
#include "guest/secrets.h"

namespace guest {

/// The guest's secrets from the KMS that initdata names (kms/passport.h), which are made there by whoever first asks:
/// this guest. The service says only whether an empty disk may be formatted, and never sees a key.
/// @throws Error{host} when the KMS cannot be reached or fails, and asking again is right; Error{not_attested} with its
/// reason when it refuses this guest; whatever session throws
Secrets passport_secrets(const base::Initdata& initdata, attestation::wire::AttestedSession& session,
                         const OpenKms& open_kms);

/// The KMS under its pinned CA, over TLS with the guest's own certificate.
std::shared_ptr<kms::HttpTransport> make_kms_transport(const base::Initdata::Kms& kms,
                                                       const attestation::wire::ClientIdentity& identity);

}  // namespace guest
