#include "cli/keys.h"

#include "base/certificate.h"
#include "base/json.h"
#include "base/posix_files.h"

namespace cli {
namespace {

using base::PrivateKey;

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
