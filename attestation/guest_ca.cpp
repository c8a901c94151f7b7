#include "attestation/guest_ca.h"

namespace attestation {

std::string guest_uri(std::string_view tenant, std::string_view guest) {
  return "spiffe://" + std::string(tenant) + "/" + std::string(guest);
}

std::string guest_certificate(const GuestCa& ca, std::string_view tenant, std::string_view guest,
                              const wire::TeeKey& guest_key, const Validity& validity) {
  base::CertificateRequest request;
  request.common_name = std::string(tenant) + " " + std::string(guest);
  request.uris = {guest_uri(tenant, guest)};
  request.not_before = validity.from - 60;  // clocks differ a little
  request.not_after = validity.until;
  return base::make_peer_certificate(base::KeySigner(ca.key), ca.certificate, wire::public_key_of(guest_key), request) +
         ca.certificate;
}

}  // namespace attestation
