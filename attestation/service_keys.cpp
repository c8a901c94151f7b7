#include "attestation/release_rules.h"
#include "attestation/service.h"
#include "attestation/wire/json_members.h"
#include "attestation/wire/jwe.h"
#include "attestation/wire/volume_keys.h"
#include "attestation/wire/volume_rotation.h"
#include "base/error.h"

namespace attestation {
namespace {

constexpr std::string_view volume_prefix = "/bulkhead/v1/volume/";
constexpr std::string_view formatted = "/formatted";
constexpr std::string_view rotated = "/rotated";

/// The key of /bulkhead/v1/volume/POOL-INDEX-NAME and what comes after it.
std::optional<kms::KeyName> key_of(std::string_view path, std::string_view suffix) {
  path.remove_prefix(volume_prefix.size());
  if (!path.ends_with(suffix)) return std::nullopt;
  path.remove_suffix(suffix.size());
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
  record_of_keys("released", {{"source", request.source},
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

Response Service::volume_versions(const Request& request) {
  const std::variant<TokenClaims, Response> admission = admitted(request);
  if (const auto* const refusal = std::get_if<Response>(&admission)) return *refusal;
  const auto& claims = std::get<TokenClaims>(admission);
  const auto name = key_of(request.path, "");
  if (!name) return refused(request, claims.guest, {"no such resource"}, "PluginNotFound", 404);
  const auto answer = keys_.status(*approval_, *name, requester(claims));
  if (const auto* const refusal = std::get_if<kms::Refusal>(&answer))
    return refused(request, claims.guest, reasons_for(*name, *refusal), "PolicyDeny");
  const auto& status = std::get<kms::KeyStatus>(answer);
  const bool rotating = status.state == kms::KeyState::rotating;
  return {200, wire::VolumeVersions{status.current, rotating ? std::optional(status.next) : std::nullopt}.text(), ""};
}

Response Service::volume_note(const Request& request) {
  const std::variant<TokenClaims, Response> admission = admitted(request);
  if (const auto* const refusal = std::get_if<Response>(&admission)) return *refusal;
  const auto& claims = std::get<TokenClaims>(admission);
  try {
    if (const auto name = key_of(request.path, formatted)) return volume_formatted(request, claims, *name);
    if (const auto name = key_of(request.path, rotated)) return volume_rotated(request, claims, *name);
  } catch (const base::Error& problem) {
    if (problem.kind() != base::Kind::malformed) throw;
    return refused(request, claims.guest, {problem.what()});
  }
  return refused(request, claims.guest, {"no such resource"}, "PluginNotFound", 404);
}

Response Service::volume_formatted(const Request& request, const TokenClaims& claims, const kms::KeyName& name) {
  wire::parse_message(request.body, {}, "note");
  if (const auto refusal = keys_.note_formatted(*approval_, name, requester(claims)))
    return refused(request, claims.guest, reasons_for(name, *refusal), "PolicyDeny");
  record_of_keys("volume formatted", {{"guest", claims.guest}, {"token", claims.id}, {"key", name.text()}});
  return {200, "{}", ""};
}

Response Service::volume_rotated(const Request& request, const TokenClaims& claims, const kms::KeyName& name) {
  const std::uint32_t version = wire::VolumeRotated::parse(request.body).version;
  if (const auto refusal = keys_.note_rotated(*approval_, name, requester(claims), version))
    return refused(request, claims.guest, reasons_for(name, *refusal), "PolicyDeny");
  record_of_keys("key rotated",
                 {{"guest", claims.guest}, {"token", claims.id}, {"key", name.text()}, {"version", version}});
  return {200, "{}", ""};
}

}  // namespace attestation
