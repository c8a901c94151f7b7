#include "attestation/guest_ca.h"

#include <algorithm>

#include "base/ecdsa_p256.h"

namespace attestation {

std::string guest_uri(std::string_view tenant, std::string_view guest) {
  return "spiffe://" + std::string(tenant) + "/" + std::string(guest);
}

std::string guest_certificate(const GuestCa& ca, std::string_view tenant, std::string_view guest,
                              const base::EcdhKey::Point& guest_key, const Validity& validity) {
  std::array<std::uint8_t, 64> point{};
  std::ranges::copy(guest_key.y, std::ranges::copy(guest_key.x, point.begin()).out);
  base::CertificateRequest request;
  request.common_name = std::string(tenant) + " " + std::string(guest);
  request.uris = {guest_uri(tenant, guest)};
  request.not_before = validity.from - 60;  // clocks differ a little
  request.not_after = validity.until;
  return base::make_peer_certificate(ca.key, ca.certificate, base::p256_public_key(point, "guest key"), request) +
         ca.certificate;
}

}  // namespace attestation
