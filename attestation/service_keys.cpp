#include "attestation/release_rules.h"
#include "attestation/service.h"
#include "attestation/wire/json_members.h"
#include "attestation/wire/jwe.h"
#include "attestation/wire/volume_keys.h"
#include "base/error.h"

namespace attestation {
namespace {

constexpr std::string_view volume_prefix = "/bulkhead/v1/volume/";
constexpr std::string_view formatted = "/formatted";

/// The key of /bulkhead/v1/volume/POOL-INDEX-NAME/formatted.
std::optional<kms::KeyName> formatted_key(std::string_view path) {
  path.remove_prefix(volume_prefix.size());
  if (!path.ends_with(formatted)) return std::nullopt;
  path.remove_suffix(formatted.size());
  const auto volume = volume_of_path_segment(path);
  return volume ? std::optional(volume_key(volume->guest, volume->volume)) : std::nullopt;
}

std::vector<std::string> reasons_for(const kms::KeyName& name, const kms::Refusal& refusal) {
  std::vector<std::string> reasons;
  for (const std::string& reason : refusal.reasons) reasons.push_back("key " + name.text() + ": " + reason);
  return reasons;
}

}  // namespace

/// Whether the guest was what its approval says was decided when the token was issued; each key's policy decides again.
kms::Requester Service::requester(const TokenClaims& claims) const {
  return {guest_id(parts_.tenant, claims.guest), claims.measurement};
}

Response Service::released(const Request& request, const TokenClaims& claims, const kms::KeyName& name,
                           const kms::KeyStatus& status, base::Bytes plaintext) {
  record("released", {{"source", request.source},
                      {"guest", claims.guest},
                      {"token", claims.id},
                      {"key", name.text()},
                      {"version", static_cast<std::int64_t>(status.current)},
                      {"state", kms::name_of(status.state)}});
  return {200, wire::encrypt_to_guest(claims.guest_key, plaintext), ""};
}

Response Service::bootstrap_secret(const Request& request, const TokenClaims& claims) {
  const kms::KeyName name = bootstrap_key(claims.guest);
  const auto answer = keys_.release(*approval_, name, requester(claims));
  if (const auto* const refusal = std::get_if<kms::Refusal>(&answer))
    return refused(request, claims.guest, reasons_for(name, *refusal), "PolicyDeny");
  const auto& key = std::get<ReleasedKey>(answer);
  return released(request, claims, name, key.status, key.versions.front().view());
}

Response Service::volume_key_of(const Request& request, const TokenClaims& claims, const kms::KeyName& name) {
  auto answer = keys_.release(*approval_, name, requester(claims));
  if (const auto* const refusal = std::get_if<kms::Refusal>(&answer))
    return refused(request, claims.guest, reasons_for(name, *refusal), "PolicyDeny");
  auto& key = std::get<ReleasedKey>(answer);
  const bool may_format = key.status.state == kms::KeyState::never_formatted;
  const base::Secret message = wire::volume_keys_bytes({may_format, std::move(key.versions)});
  return released(request, claims, name, key.status, message.view());
}

Response Service::volume_formatted(const Request& request) {
  const std::variant<TokenClaims, Response> admission = admitted(request);
  if (const auto* const refusal = std::get_if<Response>(&admission)) return *refusal;
  const auto& claims = std::get<TokenClaims>(admission);
  const auto name = formatted_key(request.path);
  if (!name) return refused(request, claims.guest, {"no such resource"}, "PluginNotFound", 404);
  try {
    wire::parse_message(request.body, {}, "note");
  } catch (const base::Error& problem) {
    return refused(request, claims.guest, {problem.what()});
  }
  if (const auto refusal = keys_.note_formatted(*approval_, *name, requester(claims)))
    return refused(request, claims.guest, reasons_for(*name, *refusal), "PolicyDeny");
  record("volume formatted", {{"guest", claims.guest}, {"token", claims.id}, {"key", name->text()}});
  return {200, "{}", ""};
}

}  // namespace attestation
