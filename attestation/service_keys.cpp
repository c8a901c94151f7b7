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

/// Of what a guest tells there is nothing to grant but that it was taken down.
struct Noted {};

std::variant<Noted, kms::Refusal> noted(std::optional<kms::Refusal> refusal) {
  if (refusal) return *std::move(refusal);
  return Noted{};
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

/// A provider that is down, slow or refuses is named in the audit log with its request; the guest asks again.
Response Service::key_store_failed(const Request& request, const std::string& guest, const kms::KeyName& name,
                                   const std::exception_ptr& problem) {
  try {
    std::rethrow_exception(problem);
  } catch (const StillUnderWay& error) {
    const std::string silent = parts_.keys.provider() + ": " + error.what();
    keys_.note_silence(silent);
    return not_now(request, guest, "key " + name.text() + ": " + silent);
  } catch (const base::Error& error) {
    if (!is_no_answer(error) && dynamic_cast<const NotBegun*>(&error) == nullptr) throw;
    return not_now(request, guest, "key " + name.text() + ": " + error.what());
  }
}

template <typename Granted>
Answer Service::from_key_store(const Request& request, const TokenClaims& claims, const kms::KeyName& name,
                               std::function<std::variant<Granted, kms::Refusal>(const Approval& approval)> ask,
                               std::function<Response(Granted& granted)> then) {
  const std::shared_ptr<const Approval> approval = approval_;
  const auto answer = std::make_shared<std::variant<Granted, kms::Refusal>>();
  return Pending{
      [approval, answer, ask = std::move(ask)] { *answer = ask(*approval); },
      [this, request, claims, name, approval, answer, then = std::move(then)](const std::exception_ptr& problem) {
        if (problem) return key_store_failed(request, claims.guest, name, problem);
        if (const auto change = access_problem(claims)) return refused(request, claims.guest, {*change}, "PolicyDeny");
        if (approval != approval_) return not_now(request, claims.guest, "another approval was loaded meanwhile");
        if (const auto* const refusal = std::get_if<kms::Refusal>(answer.get()))
          return refused(request, claims.guest, reasons_for(name, *refusal), "PolicyDeny");
        return then(std::get<Granted>(*answer));
      },
      Wait::for_a_while};
}

Answer Service::release(const Request& request, const TokenClaims& claims, const kms::KeyName& name,
                        base::Secret (*message)(ReleasedKey&& key)) {
  if (parts_.passport_to)
    return refused(request, claims.guest, {"key " + name.text() + " is at " + parts_.passport_to->text()},
                   "PluginNotFound", 404);
  return from_key_store<ReleasedKey>(
      request, claims, name,
      [this, name, guest = requester(claims)](const Approval& approval) {
        return keys_.release(approval, name, guest);
      },
      [this, request, claims, name, message](ReleasedKey& key) {
        const kms::KeyStatus status = key.status;
        return released(request, claims, name, status, message(std::move(key)).view());
      });
}

Answer Service::bootstrap_secret(const Request& request, const TokenClaims& claims) {
  return release(request, claims, bootstrap_key(claims.guest),
                 [](ReleasedKey&& key) { return std::move(key.versions.front()); });
}

Answer Service::volume_key_of(const Request& request, const TokenClaims& claims, const kms::KeyName& name) {
  return release(request, claims, name, [](ReleasedKey&& key) {
    const bool may_format = key.status.state == kms::KeyState::never_formatted;
    return wire::volume_keys_bytes({may_format, std::move(key.versions)});
  });
}

Answer Service::volume_versions(const Request& request) {
  const std::variant<TokenClaims, Response> admission = admitted(request);
  if (const auto* const refusal = std::get_if<Response>(&admission)) return *refusal;
  const auto& claims = std::get<TokenClaims>(admission);
  const auto name = key_of(request.path, "");
  if (!name) return refused(request, claims.guest, {"no such resource"}, "PluginNotFound", 404);
  return from_key_store<kms::KeyStatus>(
      request, claims, *name,
      [this, name = *name, guest = requester(claims)](const Approval& approval) {
        return keys_.status(approval, name, guest);
      },
      [passport = parts_.passport_to.has_value()](const kms::KeyStatus& status) {
        const bool rotating = status.state == kms::KeyState::rotating;
        wire::VolumeVersions versions{status.current, rotating ? std::optional(status.next) : std::nullopt};
        if (passport) versions.may_format = status.state == kms::KeyState::never_formatted;
        return Response{200, versions.text(), ""};
      });
}

Answer Service::volume_note(const Request& request) {
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

Answer Service::volume_formatted(const Request& request, const TokenClaims& claims, const kms::KeyName& name) {
  wire::parse_message(request.body, {}, "note");
  return from_key_store<Noted>(
      request, claims, name,
      [this, name, guest = requester(claims)](const Approval& approval) {
        return noted(keys_.note_formatted(approval, name, guest));
      },
      [this, claims, name](const Noted&) {
        record_of_keys("volume formatted", {{"guest", claims.guest}, {"token", claims.id}, {"key", name.text()}});
        return Response{200, "{}", ""};
      });
}

Answer Service::volume_rotated(const Request& request, const TokenClaims& claims, const kms::KeyName& name) {
  const std::uint32_t version = wire::VolumeRotated::parse(request.body).version;
  return from_key_store<Noted>(
      request, claims, name,
      [this, name, version, guest = requester(claims)](const Approval& approval) {
        return noted(keys_.note_rotated(approval, name, guest, version));
      },
      [this, claims, name, version](const Noted&) {
        record_of_keys("key rotated",
                       {{"guest", claims.guest}, {"token", claims.id}, {"key", name.text()}, {"version", version}});
        return Response{200, "{}", ""};
      });
}

}  // namespace attestation
