#include "attestation/destruction_statement.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "cli/keys.h"
#include "cli/service_keys.h"
#include "cli/tenant_ca.h"

namespace cli {

using base::PrivateKey;

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
  base::Json bundle;
  bundle["schema"] = "bulkhead.service-bundle/v1";
  bundle["tenant"] = options.tenant;
  bundle["url"] = options.url;
  if (!put_service_keys(bundle, ca, options.days)) console.err << no_ca_of_guests;
  bundle["storageKey"] = base::base64(base::random_secret(32).view());
  base::write_new_secret_file(options.out, base::Secret(base::buffer_of(base::bytes_of(bundle.pretty()))));
  console.out << "service bundle of " << options.tenant << " for " << options.url << ": " << options.out
              << " (mode 0600)\n  give it to whoever places the service, apart from plan and approval\n";
  return 0;
}

}  // namespace cli
