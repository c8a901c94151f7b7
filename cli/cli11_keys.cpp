#include <CLI/CLI.hpp>
#include <memory>

#include "cli/keys.h"
#include "cli/keys_seal.h"
#include "cli/verbs.h"

namespace cli {
namespace {

void add_token(CLI::App& verb, std::string& token, const char* what_else) {
  verb.add_option("--token", token,
                  std::string("make the key in a PKCS#11 token, where it stays: pkcs11:token=..;object=LABEL"
                              "?pin-source=file:PATH; writes only ") +
                      what_else);
}

void add_ca_of(CLI::App& verb, std::string& ca, std::string& ca_key) {
  verb.add_option("--ca", ca, "the tenant's CA certificate CA.pem")->required();
  verb.add_option("--ca-key", ca_key, "the CA's key: a file or a pkcs11: URI; default: CA.key beside CA.pem");
}

void add_approval_key(CLI::App& keys, Action& action) {
  const auto options = std::make_shared<ApprovalKeyOptions>();
  CLI::App* const verb = keys.add_subcommand("approval", "the key an owner signs approvals with");
  verb->add_option("--out", options->out, "write OUT.key (mode 0600) and OUT.pub")->required();
  add_token(*verb, options->token, "OUT.pub");
  verb->add_option("--algorithm", options->algorithm, "ed25519 or p384 (EC P-384)")
      ->capture_default_str()
      ->check(CLI::IsMember({"ed25519", "p384"}));
  verb->callback(
      [&action, options] { action = [options](Console& console) { return make_approval_key(*options, console); }; });
}

enum class Place { file, file_or_token };

void add_owner_key(CLI::App& keys, Action& action, const char* name, const char* text, Place place,
                   int (*make)(const OwnerKeyOptions&, Console&)) {
  const auto options = std::make_shared<OwnerKeyOptions>();
  CLI::App* const verb = keys.add_subcommand(name, text);
  verb->add_option("--out", options->out, "write OUT.key (mode 0600) and OUT.pub")->required();
  if (place == Place::file_or_token) add_token(*verb, options->token, "OUT.pub");
  verb->callback(
      [&action, options, make] { action = [options, make](Console& console) { return make(*options, console); }; });
}

void add_wrapping_key(CLI::App& keys, Action& action) {
  const auto options = std::make_shared<WrappingKeyOptions>();
  CLI::App* const verb =
      keys.add_subcommand("wrapping", "the key that wraps a tenant's keys in a PKCS#11 token (AES-256), made there");
  verb->add_option("--token", options->token, "pkcs11:token=..;object=LABEL?pin-source=file:PATH")->required();
  verb->callback(
      [&action, options] { action = [options](Console& console) { return make_wrapping_key(*options, console); }; });
}

void add_ca(CLI::App& keys, Action& action) {
  const auto options = std::make_shared<CaOptions>();
  CLI::App* const verb = keys.add_subcommand("ca", "a tenant's CA, which its guests pin");
  verb->add_option("--tenant", options->tenant, "the tenant's name")->required();
  verb->add_option("--out", options->out, "write OUT.key (mode 0600) and OUT.pem")->required();
  add_token(*verb, options->token, "OUT.pem");
  verb->add_option("--days", options->days, "days the certificate is valid")
      ->capture_default_str()
      ->check(CLI::Range(1, 36500));
  verb->callback([&action, options] { action = [options](Console& console) { return make_ca(*options, console); }; });
}

void add_service_bundle(CLI::App& keys, Action& action) {
  const auto options = std::make_shared<ServiceBundleOptions>();
  CLI::App* const verb = keys.add_subcommand("service", "the keys of a tenant's own attestation service, as one file");
  verb->add_option("--tenant", options->tenant, "the tenant's name")->required();
  verb->add_option("--url", options->url, "the service's address: https://ADDRESS:PORT, as in the tenant file")
      ->required();
  add_ca_of(*verb, options->ca, options->ca_key);
  verb->add_option("--out", options->out, "write the bundle here (mode 0600)")->required();
  verb->add_option("--days", options->days, "days the TLS certificate is valid")
      ->capture_default_str()
      ->check(CLI::Range(1, 3650));
  verb->callback(
      [&action, options] { action = [options](Console& console) { return make_service_bundle(*options, console); }; });
}

void add_connect(CLI::App& keys, Action& action) {
  const auto options = std::make_shared<ConnectServiceOptions>();
  CLI::App* const verb = keys.add_subcommand("connect", "a service bundle with the way to the owner's KMS in it");
  verb->add_option("--bundle", options->bundle, "the service bundle; its own keys stay as they are")->required();
  verb->add_option("--kms", options->kms, "bulkhead.kms-connection/v1; the files it names go into the bundle")
      ->required();
  verb->add_option("--out", options->out, "write the bundle with it here (mode 0600)")->required();
  verb->callback(
      [&action, options] { action = [options](Console& console) { return connect_service(*options, console); }; });
}

void add_token_key(CLI::App& keys, Action& action) {
  const auto options = std::make_shared<TokenKeyOptions>();
  CLI::App* const verb = keys.add_subcommand("token", "the next key a tenant's service signs tokens with");
  verb->add_option("--tenant", options->tenant, "the tenant's name")->required();
  add_ca_of(*verb, options->ca, options->ca_key);
  verb->add_option("--out", options->out, "write the key and its certificate here (mode 0600)")->required();
  verb->add_option("--days", options->days, "days the certificate is valid")
      ->capture_default_str()
      ->check(CLI::Range(1, 3650));
  verb->callback(
      [&action, options] { action = [options](Console& console) { return make_token_key(*options, console); }; });
}

void add_owner_identity(CLI::App& keys, Action& action) {
  const auto options = std::make_shared<OwnerIdentityOptions>();
  CLI::App* const verb =
      keys.add_subcommand("owner", "who an owner is when she administers her service from elsewhere");
  verb->add_option("--tenant", options->tenant, "the tenant's name")->required();
  add_ca_of(*verb, options->ca, options->ca_key);
  verb->add_option("--name", options->name, "the owner's name, which the audit log will have")->required();
  verb->add_option("--out", options->out, "write OUT.key (mode 0600) and OUT.pem")->required();
  verb->add_option("--days", options->days, "days the certificate is valid")
      ->capture_default_str()
      ->check(CLI::Range(1, 3650));
  verb->callback(
      [&action, options] { action = [options](Console& console) { return make_owner_identity(*options, console); }; });
}

void add_seal(CLI::App& keys, Action& action) {
  const auto options = std::make_shared<SealOptions>();
  CLI::App* const verb = keys.add_subcommand("seal", "seal a secret file to this machine's TPM");
  verb->add_option("file", options->file, "a service bundle or key-encryption key (mode 0600); it stays")->required();
  verb->add_option("--out", options->out, "write bulkhead.tpm-sealed/v1 here (mode 0600)")->required();
  verb->add_option("--tpm", options->tpm, "device:PATH or swtpm:path=SOCKET")->capture_default_str();
  verb->add_option("--pcrs", options->pcrs, "also to these PCRs of the SHA-256 bank as they are now, such as 7")
      ->delimiter(',');
  verb->callback([&action, options] { action = [options](Console& console) { return seal_file(*options, console); }; });
}

void add_unseal(CLI::App& keys, Action& action) {
  const auto options = std::make_shared<UnsealOptions>();
  CLI::App* const verb = keys.add_subcommand("unseal", "the secret in a file that is sealed to this machine's TPM");
  verb->add_option("file", options->sealed, "bulkhead.tpm-sealed/v1")->required();
  verb->add_option("--out", options->out, "write the secret here (mode 0600)")->required();
  verb->add_option("--tpm", options->tpm, "device:PATH or swtpm:path=SOCKET")->capture_default_str();
  verb->callback(
      [&action, options] { action = [options](Console& console) { return unseal_file(*options, console); }; });
}

void add_show(CLI::App& keys, Action& action) {
  const auto options = std::make_shared<ShowKeyOptions>();
  CLI::App* const verb = keys.add_subcommand("show", "kind and fingerprint of a public key or certificate");
  verb->add_option("file", options->file, "a PEM file, or the pkcs11: URI of a private key")->required();
  verb->add_flag("--json", options->json, "print bulkhead.key/v1");
  verb->callback([&action, options] { action = [options](Console& console) { return show_key(*options, console); }; });
}

}  // namespace

void add_keys(CLI::App& app, Action& action) {
  CLI::App* const keys = app.add_subcommand("keys", "make an owner's keys, a tenant's CA and its service's keys");
  keys->require_subcommand(1);
  add_approval_key(*keys, action);
  add_owner_key(*keys, action, "id", "the key an owner signs SNP ID blocks with (EC P-384)", Place::file_or_token,
                make_id_key);
  add_owner_key(*keys, action, "author", "a key that vouches for SNP ID keys (EC P-384)", Place::file_or_token,
                make_author_key);
  add_owner_key(*keys, action, "backup", "the key backups of a tenant's service are sealed to (EC P-256)", Place::file,
                make_backup_key);
  add_owner_key(*keys, action, "recovery", "the key guests seal a key of each volume to (EC P-256)", Place::file,
                make_recovery_key);
  add_wrapping_key(*keys, action);
  add_ca(*keys, action);
  add_service_bundle(*keys, action);
  add_connect(*keys, action);
  add_token_key(*keys, action);
  add_owner_identity(*keys, action);
  add_seal(*keys, action);
  add_unseal(*keys, action);
  add_rotate_keys(*keys, action);
  add_saved_keys(*keys, action);
  add_show(*keys, action);
}

}  // namespace cli
