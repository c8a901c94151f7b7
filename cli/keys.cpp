#include "cli/keys.h"

#include "base/certificate.h"
#include "base/error.h"
#include "base/json.h"
#include "base/pkcs11_key_maker.h"
#include "base/pkcs11_signer.h"
#include "base/posix_files.h"
#include "cli/token_keys.h"

namespace cli {
namespace {

using base::PrivateKey;

/// @return the public key, PEM
std::string make_key_in_file(const std::string& out, PrivateKey::Type type) {
  const PrivateKey key = PrivateKey::generate(type);
  base::write_new_secret_file(out + ".key", key.pem());
  base::write_file_atomically(out + ".pub", key.public_key().pem(), 0644);
  return key.public_key().pem();
}

std::string public_pem(const base::Signer& key) {
  return key.public_key().pem();
}

int make_owner_key(const OwnerKeyOptions& options, PrivateKey::Type type, const char* purpose, const char* use,
                   Console& console) {
  const bool in_token = !options.token.empty();
  const std::string pem = in_token ? make_key_in_token(options.token, type, options.out + ".pub", public_pem)
                                   : make_key_in_file(options.out, type);
  const base::PublicKey key = base::PublicKey::from_pem(pem, options.out);
  console.out << purpose << " key (" << key.algorithm() << "), SHA-256 " << key.fingerprint().hex()
              << "\n  private: " << private_place(options.out, options.token) << "\n  public:  " << options.out
              << ".pub (" << use << ")\n";
  return 0;
}

}  // namespace

int make_approval_key(const ApprovalKeyOptions& options, Console& console) {
  const auto type = options.algorithm == "p384" ? PrivateKey::Type::p384 : PrivateKey::Type::ed25519;
  try {
    return make_owner_key({options.out, options.token}, type, "approval", "name it in the tenant file", console);
  } catch (const base::Pkcs11MechanismMissing& error) {
    if (type == PrivateKey::Type::p384) throw;
    throw base::Error(base::Kind::failure,
                      std::string(error.what()) + "; --algorithm p384 makes an approval key that more tokens can");
  }
}

int make_id_key(const OwnerKeyOptions& options, Console& console) {
  return make_owner_key(options, PrivateKey::Type::p384, "ID", "name it in the tenant file", console);
}

int make_author_key(const OwnerKeyOptions& options, Console& console) {
  return make_owner_key(options, PrivateKey::Type::p384, "author", "name it in the tenant file", console);
}

int make_backup_key(const OwnerKeyOptions& options, Console& console) {
  return make_owner_key(options, PrivateKey::Type::p256, "backup",
                        "backups are sealed to it: bulkhead service backup --to", console);
}

int make_recovery_key(const OwnerKeyOptions& options, Console& console) {
  return make_owner_key(options, PrivateKey::Type::p256, "recovery", "name it in the tenant file as recoveryKey",
                        console);
}

int make_wrapping_key(const WrappingKeyOptions& options, Console& console) {
  base::make_pkcs11_wrapping_key(options.token);
  console.out
      << "wrapping key (AES-256)\n  stays in the token; it is the pkcs11 uri of the connection to the tenant's KMS: '"
      << options.token << "'\n";
  return 0;
}

int show_key(const ShowKeyOptions& options, Console& console) {
  const bool in_token = options.file.starts_with("pkcs11:");
  const std::string text =
      in_token ? public_pem(*base::pkcs11_signer(options.file)) : base::read_file(options.file, 1U << 16U);
  const bool certificate = text.find("BEGIN CERTIFICATE") != std::string::npos;
  const base::PublicKey key =
      certificate ? base::certificate_key(text, options.file) : base::PublicKey::from_pem(text, options.file);
  base::Json json;
  json["schema"] = "bulkhead.key/v1";
  json["kind"] = certificate ? "certificate" : in_token ? "keyInToken" : "publicKey";
  json["algorithm"] = key.algorithm();
  json["publicKeySha256"] = key.fingerprint().hex();
  if (in_token) json["publicKey"] = text;
  if (certificate) json["certificateSha256"] = base::certificate_fingerprint(text, options.file).hex();
  if (options.json) {
    console.out << json.pretty();
    return 0;
  }
  console.out << json.at("kind").text() << ", " << key.algorithm() << "\n  public key SHA-256  "
              << key.fingerprint().hex() << "\n";
  if (certificate) console.out << "  certificate SHA-256 " << json.at("certificateSha256").text() << "\n";
  if (in_token) console.out << text;
  return 0;
}

}  // namespace cli
