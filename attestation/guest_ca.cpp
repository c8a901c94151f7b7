#include "attestation/guest_ca.h"

namespace attestation {
namespace {

/// SubjectPublicKeyInfo of an EC P-256 key up to its point. Source: RFC 5480, section 2
constexpr std::array<std::uint8_t, 27> p256_prefix{0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                                   0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                                   0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};

base::PublicKey public_key(const base::EcdhKey::Point& point) {
  base::Buffer der = base::buffer_of(p256_prefix);
  base::append(der, point.x);
  base::append(der, point.y);
  return base::PublicKey::from_der(der, "guest key");
}

}  // namespace

std::string guest_uri(std::string_view tenant, std::string_view guest) {
  return "spiffe://" + std::string(tenant) + "/" + std::string(guest);
}

std::string guest_certificate(const GuestCa& ca, std::string_view tenant, std::string_view guest,
                              const base::EcdhKey::Point& guest_key, const Validity& validity) {
  base::CertificateRequest request;
  request.common_name = std::string(tenant) + " " + std::string(guest);
  request.uris = {guest_uri(tenant, guest)};
  request.not_before = validity.from - 60;  // clocks differ a little
  request.not_after = validity.until;
  return base::make_peer_certificate(ca.key, ca.certificate, public_key(guest_key), request) + ca.certificate;
}

}  // namespace attestation
