#include "attestation/destruction_statement.h"
#include "base/error.h"
#include "base/https_url.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "cli/keys.h"
#include "cli/tenant_ca.h"

namespace cli {
namespace {

using base::Error;
using base::Kind;
using base::PrivateKey;

std::string host_of(const std::string& url) {
  try {
    return base::parse_https_url(url, "--url").host;
  } catch (const Error& error) {
    throw Error(Kind::usage, error.what());
  }
}

bool is_ip_address(const std::string& host) {
  return host.find_first_not_of("0123456789.") == std::string::npos;
}

}  // namespace

int make_token_key(const TokenKeyOptions& options, Console& console) {
  const TenantCa ca = open_tenant_ca(options.ca, options.ca_key);
  const PrivateKey key = PrivateKey::generate(PrivateKey::Type::p256);
  base::Json document;
  document["schema"] = "bulkhead.token-key/v1";
  document["tenant"] = options.tenant;
  document["tokenKey"] = base::text_of(key.pem().view());
  document["tokenCertificate"] =
      base::make_signing_certificate(*ca.key, ca.certificate, key.public_key(),
                                     valid_from_now(attestation::token_key_name(options.tenant), options.days));
  base::write_new_secret_file(options.out, base::Secret(base::buffer_of(base::bytes_of(document.pretty()))));
  console.out << "token key of " << options.tenant << ", SHA-256 " << key.public_key().fingerprint().hex() << "\n  "
              << options.out << " (mode 0600; hand it to whoever runs the service: bulkhead service rotate)\n";
  return 0;
}

int make_service_bundle(const ServiceBundleOptions& options, Console& console) {
  const TenantCa ca = open_tenant_ca(options.ca, options.ca_key);
  const PrivateKey tls = PrivateKey::generate(PrivateKey::Type::p256);
  const PrivateKey token = PrivateKey::generate(PrivateKey::Type::p256);
  const std::string host = host_of(options.url);
  base::CertificateRequest request = valid_from_now(options.tenant + " attestation service", options.days);
  (is_ip_address(host) ? request.ip_addresses : request.dns_names).push_back(host);
  base::Json bundle;
  bundle["schema"] = "bulkhead.service-bundle/v1";
  bundle["tenant"] = options.tenant;
  bundle["url"] = options.url;
  bundle["tlsKey"] = base::text_of(tls.pem().view());
  bundle["tlsCertificate"] = base::make_server_certificate(*ca.key, ca.certificate, tls.public_key(), request);
  bundle["tokenKey"] = base::text_of(token.pem().view());
  request.common_name = attestation::token_key_name(options.tenant);
  bundle["tokenCertificate"] = base::make_signing_certificate(*ca.key, ca.certificate, token.public_key(), request);
  if (base::allows_ca_below(ca.certificate, options.ca)) {
    const PrivateKey guests = PrivateKey::generate(PrivateKey::Type::p256);
    request.common_name = options.tenant + " guests";
    bundle["guestCaKey"] = base::text_of(guests.pem().view());
    bundle["guestCaCertificate"] =
        base::make_peer_ca_certificate(*ca.key, ca.certificate, guests.public_key(), request);
  } else {
    console.err << "this CA was made without room for a CA of guests: the service will issue no certificates\n";
  }
  bundle["storageKey"] = base::base64(base::random_secret(32).view());
  base::write_new_secret_file(options.out, base::Secret(base::buffer_of(base::bytes_of(bundle.pretty()))));
  console.out << "service bundle of " << options.tenant << " for " << options.url << ": " << options.out
              << " (mode 0600)\n  give it to whoever places the service, apart from plan and approval\n";
  return 0;
}

}  // namespace cli
