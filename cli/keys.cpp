#include "cli/keys.h"

#include <chrono>

#include "attestation/destruction_statement.h"
#include "attestation/owner_name.h"
#include "base/certificate.h"
#include "base/error.h"
#include "base/https_url.h"
#include "base/json.h"
#include "base/posix_files.h"

namespace cli {
namespace {

using base::Error;
using base::Kind;
using base::PrivateKey;

constexpr std::int64_t seconds_a_day = 86'400;

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

int make_owner_key(const std::string& out, PrivateKey::Type type, const char* purpose, const char* use,
                   Console& console) {
  const PrivateKey key = PrivateKey::generate(type);
  base::write_new_secret_file(out + ".key", key.pem());
  base::write_file_atomically(out + ".pub", key.public_key().pem(), 0644);
  console.out << purpose << " key (" << key.public_key().algorithm() << "), SHA-256 "
              << key.public_key().fingerprint().hex() << "\n  private: " << out
              << ".key (keep it; mode 0600)\n  public:  " << out << ".pub (" << use << ")\n";
  return 0;
}

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

std::string without_pem_suffix(const std::string& path) {
  constexpr std::string_view suffix = ".pem";
  const bool has = path.size() > suffix.size() && path.compare(path.size() - suffix.size(), suffix.size(), suffix) == 0;
  return has ? path.substr(0, path.size() - suffix.size()) : path;
}

PrivateKey read_ca_key(const std::string& ca_path) {
  const base::Secret text = base::read_secret_file(ca_path + ".key");
  return PrivateKey::from_pem(base::text_of(text.view()), ca_path + ".key");
}

}  // namespace

int make_approval_key(const OwnerKeyOptions& options, Console& console) {
  return make_owner_key(options.out, PrivateKey::Type::ed25519, "approval", "name it in the tenant file", console);
}

int make_id_key(const OwnerKeyOptions& options, Console& console) {
  return make_owner_key(options.out, PrivateKey::Type::p384, "ID", "name it in the tenant file", console);
}

int make_author_key(const OwnerKeyOptions& options, Console& console) {
  return make_owner_key(options.out, PrivateKey::Type::p384, "author", "name it in the tenant file", console);
}

int make_backup_key(const OwnerKeyOptions& options, Console& console) {
  return make_owner_key(options.out, PrivateKey::Type::p256, "backup",
                        "backups are sealed to it: bulkhead service backup --to", console);
}

int make_recovery_key(const OwnerKeyOptions& options, Console& console) {
  return make_owner_key(options.out, PrivateKey::Type::p256, "recovery", "name it in the tenant file as recoveryKey",
                        console);
}

int make_ca(const CaOptions& options, Console& console) {
  const PrivateKey key = PrivateKey::generate(PrivateKey::Type::p256);
  const std::int64_t today = now();
  const std::string certificate = base::make_ca_certificate(key, {.common_name = options.tenant + " CA",
                                                                  .not_before = today - 300,
                                                                  .not_after = today + options.days * seconds_a_day});
  base::write_new_secret_file(options.out + ".key", key.pem());
  base::write_file_atomically(options.out + ".pem", certificate, 0644);
  console.out << "CA of " << options.tenant << ", SHA-256 "
              << base::certificate_fingerprint(certificate, options.out).hex() << "\n  private: " << options.out
              << ".key (keep it; mode 0600)\n  public:  " << options.out << ".pem (name it in the tenant file)\n";
  return 0;
}

int make_token_key(const TokenKeyOptions& options, Console& console) {
  const std::string ca_path = without_pem_suffix(options.ca);
  const PrivateKey key = PrivateKey::generate(PrivateKey::Type::p256);
  base::Json document;
  document["schema"] = "bulkhead.token-key/v1";
  document["tenant"] = options.tenant;
  document["tokenKey"] = base::text_of(key.pem().view());
  document["tokenCertificate"] =
      base::make_signing_certificate(read_ca_key(ca_path), base::read_file(ca_path + ".pem"), key.public_key(),
                                     {.common_name = attestation::token_key_name(options.tenant),
                                      .not_before = now() - 300,
                                      .not_after = now() + options.days * seconds_a_day});
  base::write_new_secret_file(options.out, base::Secret(base::buffer_of(base::bytes_of(document.pretty()))));
  console.out << "token key of " << options.tenant << ", SHA-256 " << key.public_key().fingerprint().hex() << "\n  "
              << options.out << " (mode 0600; hand it to whoever runs the service: bulkhead service rotate)\n";
  return 0;
}

int make_service_bundle(const ServiceBundleOptions& options, Console& console) {
  const std::string ca_path = without_pem_suffix(options.ca);
  const std::string ca = base::read_file(ca_path + ".pem");
  const PrivateKey ca_key = read_ca_key(ca_path);
  const PrivateKey tls = PrivateKey::generate(PrivateKey::Type::p256);
  const PrivateKey token = PrivateKey::generate(PrivateKey::Type::p256);
  const std::string host = host_of(options.url);
  base::CertificateRequest request{.common_name = options.tenant + " attestation service",
                                   .not_before = now() - 300,
                                   .not_after = now() + options.days * seconds_a_day};
  (is_ip_address(host) ? request.ip_addresses : request.dns_names).push_back(host);
  base::Json bundle;
  bundle["schema"] = "bulkhead.service-bundle/v1";
  bundle["tenant"] = options.tenant;
  bundle["url"] = options.url;
  bundle["tlsKey"] = base::text_of(tls.pem().view());
  bundle["tlsCertificate"] = base::make_server_certificate(ca_key, ca, tls.public_key(), request);
  bundle["tokenKey"] = base::text_of(token.pem().view());
  request.common_name = attestation::token_key_name(options.tenant);
  bundle["tokenCertificate"] = base::make_signing_certificate(ca_key, ca, token.public_key(), request);
  if (base::allows_ca_below(ca, ca_path)) {
    const PrivateKey guests = PrivateKey::generate(PrivateKey::Type::p256);
    request.common_name = options.tenant + " guests";
    bundle["guestCaKey"] = base::text_of(guests.pem().view());
    bundle["guestCaCertificate"] = base::make_peer_ca_certificate(ca_key, ca, guests.public_key(), request);
  } else {
    console.err << "this CA was made without room for a CA of guests: the service will issue no certificates\n";
  }
  bundle["storageKey"] = base::base64(base::random_secret(32).view());
  base::write_new_secret_file(options.out, base::Secret(base::buffer_of(base::bytes_of(bundle.pretty()))));
  console.out << "service bundle of " << options.tenant << " for " << options.url << ": " << options.out
              << " (mode 0600)\n  give it to whoever places the service, apart from plan and approval\n";
  return 0;
}

int make_owner_identity(const OwnerIdentityOptions& options, Console& console) {
  if (!attestation::is_owner_name(options.name))
    throw Error(Kind::usage, "--name: wanted 1 to 63 of a-z, 0-9 and '-', got '" + options.name + "'");
  const std::string ca_path = without_pem_suffix(options.ca);
  const PrivateKey key = PrivateKey::generate(PrivateKey::Type::p256);
  const std::string certificate =
      base::make_peer_certificate(read_ca_key(ca_path), base::read_file(ca_path + ".pem"), key.public_key(),
                                  {.common_name = options.tenant + " owner " + options.name,
                                   .not_before = now() - 300,
                                   .not_after = now() + options.days * seconds_a_day,
                                   .uris = {attestation::owner_uri(options.tenant, options.name)}});
  base::write_new_secret_file(options.out + ".key", key.pem());
  base::write_file_atomically(options.out + ".pem", certificate, 0644);
  console.out << "owner " << options.name << " of " << options.tenant << "\n  private: " << options.out
              << ".key (keep it; mode 0600)\n  public:  " << options.out
              << ".pem\n  to the tenant's service she is the administrator: --url URL --ca CA.pem --identity "
              << options.out << "\n";
  return 0;
}

int show_key(const ShowKeyOptions& options, Console& console) {
  const std::string text = base::read_file(options.file, 1U << 16U);
  const bool certificate = text.find("BEGIN CERTIFICATE") != std::string::npos;
  const base::PublicKey key =
      certificate ? base::certificate_key(text, options.file) : base::PublicKey::from_pem(text, options.file);
  base::Json json;
  json["schema"] = "bulkhead.key/v1";
  json["kind"] = certificate ? "certificate" : "publicKey";
  json["algorithm"] = key.algorithm();
  json["publicKeySha256"] = key.fingerprint().hex();
  if (certificate) json["certificateSha256"] = base::certificate_fingerprint(text, options.file).hex();
  if (options.json) {
    console.out << json.pretty();
    return 0;
  }
  console.out << json.at("kind").text() << ", " << key.algorithm() << "\n  public key SHA-256  "
              << key.fingerprint().hex() << "\n";
  if (certificate) console.out << "  certificate SHA-256 " << json.at("certificateSha256").text() << "\n";
  return 0;
}

}  // namespace cli
