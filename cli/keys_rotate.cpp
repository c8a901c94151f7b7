#include "cli/keys_rotate.h"

#include <filesystem>
#include <functional>

#include "attestation/owner_name.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "cli/rotation.h"
#include "cli/rotation_steps.h"
#include "cli/token_keys.h"

namespace cli {
namespace {

using base::Error;
using base::Kind;
using base::PrivateKey;
using base::X509Certificate;

constexpr std::int64_t days_of_an_identity = 365, days_of_a_ca = 3650;
constexpr std::size_t largest_file = 1U << 20U;

/// Flags that are for what stands under the tenant's CA, or for a bundle.
void refuse_for_kind(const RotateKeyOptions& options, const std::string& kind) {
  if (!options.ca.empty() || !options.ca_key.empty() || options.other_ca)
    throw Error(Kind::usage, options.old + ": is " + kind + ": leave out --ca, --ca-key and --other-ca");
  if (options.storage_key || !options.url.empty())
    throw Error(Kind::usage, options.old + ": is " + kind + ": leave out --storage-key and --url");
}

using Content = std::function<std::string(const base::Signer&)>;

/// The next key in files OUT.key and OUT with the ending of what others need of it; or that alone, and it in a token.
/// @return the content of that file
std::string make_next(const RotateKeyOptions& options, PrivateKey::Type type, const char* ending,
                      const Content& content) {
  const std::string file = options.out + ending;
  if (!options.token.empty()) return make_key_in_token(options.token, type, file, content);
  if (std::filesystem::exists(std::filesystem::symlink_status(file)))
    throw Error(Kind::failure, file + " exists already; nothing is replaced");
  const PrivateKey key = PrivateKey::generate(type);
  std::string text = content(base::KeySigner(key));
  base::write_new_secret_file(options.out + ".key", key.pem());
  base::write_file_atomically(file, text, 0644);
  return text;
}

PrivateKey::Type type_of(const base::PublicKey& old, const std::string& name) {
  const std::string kind = old.algorithm();
  if (kind == "Ed25519") return PrivateKey::Type::ed25519;
  if (kind == "EC P-384") return PrivateKey::Type::p384;
  if (kind == "EC P-256") return PrivateKey::Type::p256;
  throw Error(Kind::failure, name + ": " + kind + " is no kind of key that bulkhead keys makes");
}

void print_places(const RotateKeyOptions& options, const std::string& what, const char* ending, Console& console) {
  console.out << "the next " << what << "\n  private: " << private_place(options.out, options.token)
              << "\n  public:  " << options.out << ending << "\n";
}

int rotate_ca(const RotateKeyOptions& options, const X509Certificate& old, Console& console) {
  refuse_for_kind(options, "a CA's certificate");
  if (old.subject() != "CN=" + old.common_name())
    throw Error(Kind::failure, options.old + ": its name is '" + old.subject() +
                                   "', not one of bulkhead keys ca: make the next one where this one was made");
  const base::CertificateRequest request = valid_from_now(old.common_name(), options.days.value_or(days_of_a_ca));
  const std::string made = make_next(options, type_of(old.public_key(), options.old), ".pem",
                                     [&](const base::Signer& key) { return base::make_ca_certificate(key, request); });
  print_places(options, "CA", ".pem", console);
  console.out << followed("CA's key", old.public_key(), base::certificate_key(made, options.out))
              << steps_for_ca(options.out);
  return 0;
}

/// "alice" of "acme owner alice", with her tenant.
struct OwnerIdentity {
  std::string tenant, name;
};

OwnerIdentity identity_in(const X509Certificate& certificate, const std::string& path) {
  constexpr std::string_view between = " owner ";
  const std::string text = certificate.common_name();
  const std::size_t at = text.find(between);
  if (at == 0 || at == std::string::npos || !attestation::is_owner_name(text.substr(at + between.size())))
    throw Error(Kind::failure, path + ": is a certificate for '" + certificate.subject() +
                                   "', neither a CA's nor an owner's identity (bulkhead keys owner)");
  return {text.substr(0, at), text.substr(at + between.size())};
}

int rotate_identity(const RotateKeyOptions& options, const std::string& pem, const X509Certificate& old,
                    Console& console) {
  if (options.storage_key || !options.url.empty() || !options.token.empty())
    throw Error(Kind::usage, options.old + ": is an owner's identity: leave out --storage-key, --url and --token");
  const OwnerIdentity owner = identity_in(old, options.old);
  const TenantCa ca = ca_of_next(options);
  expect_under(ca, pem, options);
  base::CertificateRequest request = valid_from_now(old.common_name(), options.days.value_or(days_of_an_identity));
  request.uris = {attestation::owner_uri(owner.tenant, owner.name)};
  const std::string made = make_next(options, PrivateKey::Type::p256, ".pem", [&](const base::Signer& key) {
    return base::make_peer_certificate(*ca.key, ca.certificate, key.public_key(), request);
  });
  print_places(options, "identity of owner " + owner.name + " of " + owner.tenant, ".pem", console);
  console.out << valid_until(made, ca)
              << followed("her key", old.public_key(), base::certificate_key(made, options.out))
              << steps_for_identity(options.out);
  return 0;
}

std::string steps_for(const std::string& kind, const std::string& made) {
  if (kind == "Ed25519") return steps_for_approval_key(made);
  return kind == "EC P-384" ? steps_for_p384_key(made) : steps_for_backup_or_recovery_key(made);
}

int rotate_public_key(const RotateKeyOptions& options, const std::string& pem, Console& console) {
  refuse_for_kind(options, "a public key");
  if (options.days) throw Error(Kind::usage, options.old + ": is a public key, which has no end: leave out --days");
  const base::PublicKey old = base::PublicKey::from_pem(pem, options.old);
  const PrivateKey::Type type = type_of(old, options.old);
  if (type == PrivateKey::Type::p256 && !options.token.empty())
    throw Error(Kind::usage, options.old + ": is a backup or recovery key, which stay in files: leave out --token");
  const std::string made =
      make_next(options, type, ".pub", [](const base::Signer& key) { return key.public_key().pem(); });
  print_places(options, old.algorithm() + " key", ".pub", console);
  console.out << followed("key", old, base::PublicKey::from_pem(made, options.out))
              << steps_for(old.algorithm(), options.out);
  return 0;
}

}  // namespace

int rotate_key(const RotateKeyOptions& options, Console& console) {
  const base::MappedFile file(options.old, largest_file);
  const std::string_view content(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  if (content.starts_with('{')) return rotate_bundle(options, console);
  if (content.find("PRIVATE KEY-----") != std::string_view::npos)
    throw Error(Kind::usage, options.old + ": is a private key: name its public part or its certificate");
  const std::string pem(content);
  if (pem.find("BEGIN CERTIFICATE") == std::string::npos) return rotate_public_key(options, pem, console);
  const X509Certificate certificate = certificate_in(pem, options.old);
  return certificate.subject() == certificate.issuer() ? rotate_ca(options, certificate, console)
                                                       : rotate_identity(options, pem, certificate, console);
}

}  // namespace cli
