#pragma once
#include <string>

#include "attestation/wire/tee_key.h"
#include "base/certificate.h"

/// The tenant's certificates for attested guests, so that peers and users can know they talk to this tenant's guest.
namespace attestation {

/// An intermediate CA under the tenant's CA that may vouch for guests and cannot for addresses.
struct GuestCa {
  base::PrivateKey key;
  std::string certificate;  ///< PEM
};

struct Validity {
  std::int64_t from = 0, until = 0;  ///< seconds since the epoch
};

/// "spiffe://acme/worker/0". Source: SPIFFE-ID 2
std::string guest_uri(std::string_view tenant, std::string_view guest);

/// A certificate for the key that a guest attested with: its only name is guest_uri(), for both ends of TLS.
/// @return PEM, the guest's certificate and the guest CA's. Source: SPIFFE X.509-SVID, sections 2 and 4
std::string guest_certificate(const GuestCa& ca, std::string_view tenant, std::string_view guest,
                              const wire::TeeKey& guest_key, const Validity& validity);

}  // namespace attestation
