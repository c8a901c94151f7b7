#include "attestation/service.h"

#include <set>

#include "attestation/guest_name.h"
#include "attestation/printable.h"
#include "attestation/wire/json_members.h"
#include "base/error.h"

namespace attestation {
namespace {

using base::Json;

constexpr std::string_view guests_prefix = "/v1/guests/";
constexpr std::string_view key_suffix = "/key";

Response error(unsigned status, std::string_view detail) {
  return {status, Json(Json::Object{{"error", printable(detail)}}).compact(), ""};
}
Response done() {
  return {200, "{}", ""};
}

/// The guest of /v1/guests/POOL-INDEX/key.
std::optional<std::string> guest_of(std::string_view path) {
  if (!path.starts_with(guests_prefix) || !path.ends_with(key_suffix)) return std::nullopt;
  path.remove_prefix(guests_prefix.size());
  if (path.size() < key_suffix.size()) return std::nullopt;
  path.remove_suffix(key_suffix.size());
  return guest_of_path_segment(path);
}

base::Secret derived(base::Bytes key, std::string_view purpose) {
  return base::Secret(base::hmac_sha256(key, base::bytes_of(purpose)));
}

}  // namespace

Service::Service(ServiceParts parts)
    : parts_(std::move(parts)), sessions_(parts_.tenant, derived(parts_.storage_key.view(), "bulkhead nonce v1")) {}

void Service::load_approval(std::string_view envelope) {
  approval_ = verified_approval(base::Envelope::parse(envelope, "approval"), parts_.approval_keys, parts_.tenant,
                                parts_.now_ms() / 1000);
}

bool Service::knows(const std::string& guest) {
  return (approval_ && approval_->find(guest) != nullptr) || parts_.store.enrolled_keys().contains(guest);
}

Response Service::answer_admin(const Request& request) {
  try {
    if (request.method == "GET" && request.path == "/v1/state") return {200, state().json().compact(), ""};
    if (request.method == "PUT" && request.path == "/v1/approval") return put_approval(request);
    if (const auto guest = guest_of(request.path)) return guest_key(request, *guest);
    return error(404, "no such path: " + request.method + " " + request.path);
  } catch (const base::Error& problem) {
    if (request.method != "GET") note_failure(request.path + ": " + problem.what());
    return error(problem.kind() == base::Kind::malformed ? 400 : 409, problem.what());
  } catch (const std::exception& problem) {
    return error(500, problem.what());
  }
}

Response Service::put_approval(const Request& request) {
  load_approval(request.body);
  parts_.store_approval(request.body);
  parts_.audit.record(parts_.now_ms(), "approval loaded", {{"intentDigest", approval_->intent_digest.hex()}});
  return done();
}

Response Service::guest_key(const Request& request, const std::string& guest) {
  if (request.method == "DELETE") {
    parts_.store.revoke(guest);
    parts_.store.forget_verdict(guest);
    parts_.audit.record(parts_.now_ms(), "key revoked", {{"guest", guest}});
    return done();
  }
  if (request.method != "PUT") return error(404, "no such method");
  const Json message = wire::parse_message(request.body, {"akPublic"}, "enrolment");
  const base::Buffer key = wire::base64_member(message, "akPublic", "enrolment", 4096);
  const base::PublicKey parsed = base::PublicKey::from_der(key, "enrolment: akPublic");
  if (parsed.der() != key) throw base::Error(base::Kind::malformed, "enrolment: akPublic: not the canonical encoding");
  if (parsed.algorithm() != "RSA 2048") {
    throw base::Error(base::Kind::malformed, "enrolment: akPublic: wanted RSA 2048, got " + parsed.algorithm());
  }
  const auto keys = parts_.store.enrolled_keys();
  const auto earlier = keys.find(guest);
  if (earlier != keys.end() && earlier->second == key) return done();
  parts_.store.enrol(guest, key);
  parts_.store.forget_verdict(guest);
  parts_.audit.record(parts_.now_ms(), "key enrolled", {{"guest", guest}, {"akSha256", base::sha256(key).hex()}});
  return done();
}

ServiceState Service::state() {
  const auto keys = parts_.store.enrolled_keys();
  const auto verdicts = parts_.store.verdicts();
  std::set<std::string> names;
  for (const auto& [guest, key] : keys) names.insert(guest);
  if (approval_) {
    for (const ApprovedGuest& guest : approval_->guests) names.insert(guest.guest);
  }
  ServiceState state{parts_.tenant, std::nullopt, {}};
  if (approval_) state.intent_digest = approval_->intent_digest.hex();
  for (const std::string& guest : names) {
    GuestState one{guest, std::nullopt, std::nullopt};
    if (const auto key = keys.find(guest); key != keys.end()) one.ak_sha256 = base::sha256(key->second).hex();
    if (const auto verdict = verdicts.find(guest); verdict != verdicts.end())
      one.verdict = Verdict::parse(verdict->second);
    state.guests.push_back(std::move(one));
  }
  return state;
}

}  // namespace attestation
