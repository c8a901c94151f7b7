#include "attestation/guest_name.h"
#include "attestation/printable.h"
#include "attestation/release_rules.h"
#include "attestation/service.h"
#include "attestation/signed_time.h"
#include "attestation/wire/jwe.h"

namespace attestation {
namespace {

constexpr std::string_view resource_prefix = "/kbs/v0/resource/";
constexpr std::string_view bootstrap = "bulkhead/bootstrap/";
constexpr std::string_view certificates = "bulkhead/certificate/";
constexpr std::string_view volumes = "bulkhead/volume/";

Response error(unsigned status, std::string_view name, std::string_view detail) {
  return {status, wire::ErrorInformation::named(name, printable(detail)).text(), ""};
}

/// The guest of a path "KIND/POOL-INDEX"; nullopt for every other spelling.
std::optional<std::string> guest_below(std::string_view path, std::string_view kind) {
  if (!path.starts_with(kind)) return std::nullopt;
  return guest_of_path_segment(path.substr(kind.size()));
}

}  // namespace

std::optional<std::string> Service::access_problem(const TokenClaims& claims) {
  if (const auto obstacle = revoked_owner_key()) return "the owner's key " + *obstacle + " is revoked";
  if (!approval_) return "no approval is loaded";
  if (approval_->not_after && parts_.now_ms() / 1000 > *approval_->not_after) return "the approval has expired";
  if (approval_->find(claims.guest) == nullptr) return "the approval does not name " + claims.guest;
  if (claims.issued < parts_.store.generation().since_ms / 1000) {  // tokens tell time in seconds
    return "the token is from before the service was restored from a backup";
  }
  const std::optional<Lease> lease = lease_of(claims.guest);
  if (!lease) return "the guest has no lease";
  if (!lease->ended.empty()) return lease->ended;
  if (lease->boot != claims.boot) {
    return "the token is of boot " + std::to_string(claims.boot) + ", the lease of boot " + std::to_string(lease->boot);
  }
  if (!lease->holds(parts_.now_ms())) return "the guest's lease has run out";
  return std::nullopt;
}

std::variant<TokenClaims, Response> Service::admitted(const Request& request) {
  std::string token = request.bearer;
  SessionTable::Session* session = sessions_.find(request.session, parts_.now_ms());
  if (token.empty() && session != nullptr) token = session->token;
  auto claims = token_keys_.accepted(token, parts_.tenant, parts_.now_ms());
  if (!claims) {
    return refused(request, "", {"no valid attestation token"}, token.empty() ? "TokenNotFound" : "TokenVerifierError");
  }
  if (!guest_limit_.allows(claims->guest, parts_.now_ms())) {
    return error(429, "PluginInternalError", "too many requests of this guest");
  }
  if (const auto problem = access_problem(*claims)) return refused(request, claims->guest, {*problem}, "PolicyDeny");
  return *std::move(claims);
}

Answer Service::resource(const Request& request) {
  const std::variant<TokenClaims, Response> admission = admitted(request);
  if (const auto* const refusal = std::get_if<Response>(&admission)) return *refusal;
  const auto& claims = std::get<TokenClaims>(admission);
  const std::string_view path = std::string_view(request.path).substr(resource_prefix.size());
  if (path.starts_with(volumes)) {
    const auto volume = volume_of_path_segment(path.substr(volumes.size()));
    if (volume) return volume_key_of(request, claims, volume_key(volume->guest, volume->volume));
  }
  for (const std::string_view kind : {bootstrap, certificates}) {
    const auto guest = guest_below(path, kind);
    if (!guest) continue;
    if (*guest != claims.guest) {
      const std::string what = kind == bootstrap ? "the bootstrap secret of " : "the certificate of ";
      return refused(request, claims.guest, {what + *guest + " is not for " + claims.guest}, "PolicyDeny");
    }
    if (kind == bootstrap) return bootstrap_secret(request, claims);
    return certificate(request, claims);
  }
  return refused(request, claims.guest, {"no such resource"}, "PluginNotFound", 404);
}

Response Service::certificate(const Request& request, const TokenClaims& claims) {
  if (!parts_.guest_ca) return error(404, "PluginNotFound", "this service issues no certificates");
  const std::int64_t until = lease_of(claims.guest)->until_ms / 1000;
  const std::string chain = guest_certificate(*parts_.guest_ca, parts_.tenant, claims.guest, claims.guest_key,
                                              {parts_.now_ms() / 1000, until});
  record("certificate issued", {{"source", request.source},
                                {"guest", claims.guest},
                                {"token", claims.id},
                                {"sha256", base::certificate_fingerprint(chain, "certificate").hex()},
                                {"notAfter", until}});
  return {200, wire::encrypt_to_guest(claims.guest_key, base::bytes_of(chain)), ""};
}

Response Service::signed_time(const std::string& nonce) {
  if (!is_time_nonce(nonce)) return error(404, "InvalidRequestPath", "no such path");
  const std::string statement = time_statement(token_keys_.current(), nonce, parts_.now_ms());
  return {200, base::Json(base::Json::Object{{"time", statement}}).compact(), ""};
}

}  // namespace attestation
