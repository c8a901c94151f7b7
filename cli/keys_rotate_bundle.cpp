#include "attestation/daemon_files.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "cli/rotation.h"
#include "cli/rotation_steps.h"
#include "cli/service_keys.h"
#include "kms/sealed_secret.h"

namespace cli {
namespace {

using base::Error;
using base::Json;
using base::Kind;

constexpr std::int64_t days_of_a_bundle = 365;

void change_storage_key(Json& bundle, bool anew) {
  bundle.object().erase("previousStorageKey");
  if (!anew) return;
  bundle["previousStorageKey"] = bundle.at("storageKey");
  bundle["storageKey"] = base::base64(base::random_secret(32).view());
}

std::string what_stays(const Json& old, bool new_storage_key) {
  std::string text = new_storage_key ? "  the storage key is a new one; the one before is in it as previousStorageKey\n"
                                     : "  the storage key stays";
  if (!new_storage_key) text += old.find("kms") == nullptr ? "\n" : ", and so does the way to the KMS\n";
  if (!new_storage_key && old.find("previousStorageKey") != nullptr)
    text += "  the storage key before is no longer in it: has a service started with the old bundle?\n";
  return text;
}

/// Of a member that holds a certificate in both.
std::string followed_member(const char* what, const char* member, const Json& old, const Json& next) {
  const Json* const before = old.find(member);
  const Json* const after = next.find(member);
  if (before == nullptr || after == nullptr) return {};
  return followed(what, base::certificate_key(before->text(), member), base::certificate_key(after->text(), member));
}

/// The bundle as it was, with the url that one of before there was any is given.
Json with_url(const Json& old, const RotateKeyOptions& options) {
  const bool has = old.find("url") != nullptr;
  if (!has && options.url.empty())
    throw Error(Kind::usage, options.old + ": has no url yet: wanted --url https://ADDRESS:PORT");
  if (has && !options.url.empty()) throw Error(Kind::usage, options.old + ": has its url: leave out --url");
  Json next = old;
  if (!has) next["url"] = options.url;
  return next;
}

}  // namespace

int rotate_bundle(const RotateKeyOptions& options, Console& console) {
  const base::Secret given = base::read_secret_file(options.old);
  kms::expect_not_sealed(given, options.old, "renew the bundle itself, and seal what that writes");
  const Json old = Json::parse(base::text_of(given.view()), options.old);
  if (!options.token.empty()) throw Error(Kind::usage, options.old + ": is a service bundle: leave out --token");
  if (const Json* const schema = old.find("schema"); schema != nullptr && *schema == Json("bulkhead.token-key/v1"))
    throw Error(Kind::usage, options.old + ": the next token key is made with bulkhead keys token");
  const std::string tenant = old.at("tenant").text();
  static_cast<void>(attestation::ServiceBundle::parse(given, tenant));
  const TenantCa ca = ca_of_next(options);
  expect_under(ca, old.at("tlsCertificate").text(), options);
  Json next = with_url(old, options);
  const bool for_guests = put_service_keys(next, ca, options.days.value_or(days_of_a_bundle));
  change_storage_key(next, options.storage_key);
  const base::Secret made(base::buffer_of(base::bytes_of(next.pretty())));
  static_cast<void>(attestation::ServiceBundle::parse(made, tenant));  // as the service will read it
  base::write_new_secret_file(options.out, made);
  console.out << options.out << " (mode 0600): the next service bundle of " << tenant << " for "
              << next.at("url").text() << "\n"
              << valid_until(next.at("tlsCertificate").text(), ca)
              << followed_member("TLS key", "tlsCertificate", old, next)
              << followed_member("token key", "tokenCertificate", old, next)
              << followed_member("CA of guests", "guestCaCertificate", old, next)
              << what_stays(old, options.storage_key) << steps_for_bundle(tenant, options.out)
              << (options.storage_key ? steps_for_storage_key() : "");
  if (!for_guests) console.err << no_ca_of_guests;
  return 0;
}

}  // namespace cli
