#include "cli/service_keys.h"

#include <ctime>

#include "attestation/destruction_statement.h"
#include "base/error.h"
#include "base/https_url.h"

namespace cli {
namespace {

std::string host_of(const std::string& url) {
  try {
    return base::parse_https_url(url, "--url").host;
  } catch (const base::Error& error) {
    throw base::Error(base::Kind::usage, error.what());
  }
}

bool is_ip_address(const std::string& host) {
  return host.find_first_not_of("0123456789.") == std::string::npos;
}

base::PublicKey put_new_key(base::Json& bundle, const char* member) {
  const base::PrivateKey key = base::PrivateKey::generate(base::PrivateKey::Type::p256);
  bundle[member] = base::text_of(key.pem().view());
  return key.public_key();
}

}  // namespace

bool put_service_keys(base::Json& bundle, const TenantCa& ca, std::int64_t days) {
  const std::string tenant = bundle.at("tenant").text();
  const std::string host = host_of(bundle.at("url").text());
  base::CertificateRequest request = valid_from_now(tenant + " attestation service", days);
  (is_ip_address(host) ? request.ip_addresses : request.dns_names).push_back(host);
  const std::string tls =
      base::make_server_certificate(*ca.key, ca.certificate, put_new_key(bundle, "tlsKey"), request);
  if (const auto problem = base::certificate_problem(tls, ca.certificate, std::time(nullptr)))
    throw base::Error(base::Kind::failure, "the tenant's CA signs nothing that counts now: " + *problem);
  bundle["tlsCertificate"] = tls;
  request.common_name = attestation::token_key_name(tenant);
  bundle["tokenCertificate"] =
      base::make_signing_certificate(*ca.key, ca.certificate, put_new_key(bundle, "tokenKey"), request);
  bundle.object().erase("guestCaKey");
  bundle.object().erase("guestCaCertificate");
  if (!base::allows_ca_below(ca.certificate, "the tenant's CA")) return false;
  request.common_name = tenant + " guests";
  bundle["guestCaCertificate"] =
      base::make_peer_ca_certificate(*ca.key, ca.certificate, put_new_key(bundle, "guestCaKey"), request);
  return true;
}

}  // namespace cli
