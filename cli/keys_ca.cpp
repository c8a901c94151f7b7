#include "attestation/owner_name.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "cli/keys.h"
#include "cli/tenant_ca.h"
#include "cli/token_keys.h"

namespace cli {

using base::PrivateKey;

namespace {

std::string make_ca_in_file(const std::string& out, const base::CertificateRequest& request) {
  const PrivateKey key = PrivateKey::generate(PrivateKey::Type::p256);
  std::string certificate = base::make_ca_certificate(base::KeySigner(key), request);
  base::write_new_secret_file(out + ".key", key.pem());
  base::write_file_atomically(out + ".pem", certificate, 0644);
  return certificate;
}

}  // namespace

int make_ca(const CaOptions& options, Console& console) {
  const base::CertificateRequest request = valid_from_now(options.tenant + " CA", options.days);
  const std::string certificate =
      options.token.empty()
          ? make_ca_in_file(options.out, request)
          : make_key_in_token(options.token, PrivateKey::Type::p256, options.out + ".pem",
                              [&](const base::Signer& key) { return base::make_ca_certificate(key, request); });
  console.out << "CA of " << options.tenant << ", SHA-256 "
              << base::certificate_fingerprint(certificate, options.out).hex()
              << "\n  private: " << private_place(options.out, options.token) << "\n  public:  " << options.out
              << ".pem (name it in the tenant file)\n";
  return 0;
}

int make_owner_identity(const OwnerIdentityOptions& options, Console& console) {
  if (!attestation::is_owner_name(options.name))
    throw base::Error(base::Kind::usage, "--name: wanted 1 to 63 of a-z, 0-9 and '-', got '" + options.name + "'");
  const TenantCa ca = open_tenant_ca(options.ca, options.ca_key);
  const PrivateKey key = PrivateKey::generate(PrivateKey::Type::p256);
  base::CertificateRequest request = valid_from_now(options.tenant + " owner " + options.name, options.days);
  request.uris = {attestation::owner_uri(options.tenant, options.name)};
  const std::string certificate = base::make_peer_certificate(*ca.key, ca.certificate, key.public_key(), request);
  base::write_new_secret_file(options.out + ".key", key.pem());
  base::write_file_atomically(options.out + ".pem", certificate, 0644);
  console.out << "owner " << options.name << " of " << options.tenant << "\n  private: " << options.out
              << ".key (keep it; mode 0600)\n  public:  " << options.out
              << ".pem\n  to the tenant's service she is the administrator: --url URL --ca CA.pem --identity "
              << options.out << "\n";
  return 0;
}

}  // namespace cli
