#include <algorithm>
#include <iterator>

#include "attestation/daemon_files.h"
#include "attestation/guest_name.h"
#include "attestation/printable.h"
#include "attestation/service.h"
#include "attestation/wire/json_members.h"
#include "base/error.h"

namespace attestation {
namespace {

using base::Json;

constexpr std::string_view guests_prefix = "/v1/guests/";
constexpr std::string_view key_suffix = "/key";
constexpr std::string_view evidence_suffix = "/evidence";
constexpr std::string_view revocations_path = "/v1/revocations";
constexpr std::string_view rotations_path = "/v1/rotations";
constexpr std::size_t most_revocations = 4096;

Response error(unsigned status, std::string_view detail) {
  return {status, Json(Json::Object{{"error", printable(detail)}}).compact(), ""};
}
Response done() {
  return {200, "{}", ""};
}

/// The guest of /v1/guests/POOL-INDEX/SUFFIX.
std::optional<std::string> guest_of(std::string_view path, std::string_view suffix) {
  if (!path.starts_with(guests_prefix) || !path.ends_with(suffix)) return std::nullopt;
  path.remove_prefix(guests_prefix.size());
  if (path.size() < suffix.size()) return std::nullopt;
  path.remove_suffix(suffix.size());
  return guest_of_path_segment(path);
}

/// The key of an enrolment. @throws Error{malformed}
base::Buffer enrolled_key(const std::string& body) {
  const Json message = wire::parse_message(body, {"akPublic"}, "enrolment");
  base::Buffer key = wire::base64_member(message, "akPublic", "enrolment", 4096);
  const base::PublicKey parsed = base::PublicKey::from_der(key, "enrolment: akPublic");
  if (parsed.der() != key) throw base::Error(base::Kind::malformed, "enrolment: akPublic: not the canonical encoding");
  if (parsed.algorithm() != "RSA 2048") {
    throw base::Error(base::Kind::malformed, "enrolment: akPublic: wanted RSA 2048, got " + parsed.algorithm());
  }
  return key;
}

bool same_subject(const Revocation& one, const Revocation& other) {
  return one.kind == other.kind && one.value == other.value;
}

}  // namespace

Answer Service::begin_admin(const Request& request) {
  const auto told = [this, method = request.method,
                     path = request.path](const std::function<Answer()>& make) -> Answer {
    try {
      return make();
    } catch (const base::Error& problem) {
      if (method != "GET") note_failure(path + ": " + problem.what());
      return error(problem.kind() == base::Kind::malformed ? 400 : 409, problem.what());
    } catch (const std::exception& problem) {
      return error(500, problem.what());
    }
  };
  Answer answer = told([&] { return routed_for_admin(request); });
  if (auto* const pending = std::get_if<Pending>(&answer)) {
    pending->finish = [told, finish = std::move(pending->finish)](const std::exception_ptr& problem) {
      return std::get<Response>(told([&]() -> Answer { return finish(problem); }));
    };
  }
  return answer;
}

Answer Service::routed_for_admin(const Request& request) {
  if (request.method == "GET" && request.path == "/v1/state") return Response{200, state().json().compact(), ""};
  if (request.method == "GET" && request.path == "/metrics") return metrics_page();
  if (request.method == "PUT" && request.path == "/v1/approval") return put_approval(request);
  if (request.method == "PUT" && request.path == "/v1/collateral") return reload_collateral();
  if (request.method == "PUT" && request.path == "/v1/token-key") return put_token_key(request);
  if (request.method == "POST" && request.path == "/v1/backup") return make_backup(request);
  if (request.method == "PUT" && request.path == revocations_path) return put_revocation(request);
  if (request.method == "DELETE" && request.path == revocations_path) return lift_revocation(request);
  if (request.method == "PUT" && request.path == rotations_path) return put_rotations(request);
  if (request.method == "DELETE" && request.path == rotations_path) return abandon_rotations(request);
  if (request.method == "PUT" && request.path == "/v1/erasures") return settled_keys();
  if (request.method == "DELETE" && request.path == "/v1/keys") return shred_keys();
  if (const auto guest = guest_of(request.path, key_suffix)) return guest_key(request, *guest);
  if (const auto guest = guest_of(request.path, evidence_suffix); guest && request.method == "GET") {
    const std::optional<std::string> latest = parts_.store.evidence(*guest);
    return latest ? Response{200, *latest, ""} : error(404, *guest + ": no attestation was accepted yet");
  }
  return error(404, "no such path: " + request.method + " " + request.path);
}

Response Service::put_approval(const Request& request) {
  load_approval(request.body);
  parts_.store_approval(request.body);
  record("approval loaded", {{"intentDigest", approval_->intent_digest.hex()}});
  return done();
}

Response Service::put_token_key(const Request& request) {
  const auto made = TokenKeyDocument::parse(base::Secret(base::buffer_of(base::bytes_of(request.body))), parts_.tenant);
  const std::int64_t now = parts_.now_ms();
  if (const auto problem = token_certificate_problem(made.certificate, parts_.ca, made.key.public_key(), now / 1000)) {
    return error(409, "tokenCertificate: " + *problem);
  }
  const std::string previous = token_keys_.id();
  token_keys_.rotate(made.key, made.certificate + parts_.ca, now);
  record("token key rotated", {{"tokenKey", token_keys_.id()}, {"previousKey", previous}});
  return {200, Json(Json::Object{{"tokenKey", token_keys_.id()}}).compact(), ""};
}

/// The key store's file is read where the store is used, everything else at the moment that the backup is of.
Answer Service::make_backup(const Request& request) {
  if (!parts_.state_files) return error(409, "this service has no files");
  const Json message = wire::parse_message(request.body, {"recipient"}, "backup");
  const auto recipient = base::PublicKey::from_pem(wire::text_member(message, "recipient", "backup"), "recipient");
  const auto backup = std::make_shared<Backup>();
  return Pending{[this, backup] {
                   if (parts_.key_files) backup->files = parts_.key_files();
                 },
                 [this, backup, recipient](const std::exception_ptr& problem) {
                   if (problem) std::rethrow_exception(problem);
                   record("backup made", {{"recipient", recipient.fingerprint().hex()}});
                   backup->tenant = parts_.tenant;
                   backup->time_ms = parts_.now_ms();
                   backup->audit_head = parts_.audit.head();
                   std::ranges::move(parts_.state_files(), std::back_inserter(backup->files));
                   return Response{200, base::text_of(sealed_backup(*backup, recipient)), ""};
                 }};
}

Response Service::guest_key(const Request& request, const std::string& guest) {
  if (request.method == "DELETE") {
    parts_.store.revoke(guest);
    parts_.store.forget_verdict(guest);
    forget_life(guest, "attestation key was revoked");
    record("key revoked", {{"guest", guest}});
    return done();
  }
  if (request.method != "PUT") return error(404, "no such method");
  const base::Buffer key = enrolled_key(request.body);
  const auto keys = parts_.store.enrolled_keys();
  const auto earlier = keys.find(guest);
  if (earlier != keys.end() && earlier->second == key) return done();
  parts_.store.enrol(guest, key);
  parts_.store.forget_verdict(guest);
  forget_life(guest, "attestation key was revoked");
  record("key enrolled", {{"guest", guest}, {"akSha256", base::sha256(key).hex()}});
  return done();
}

/// All or nothing: what cannot be read leaves everything as it was.
Response Service::reload_collateral() {
  if (!parts_.read_collateral) return error(409, "this service reads no collateral");
  VendorCollateral fresh = parts_.read_collateral();
  Json::Array items;
  for (const CollateralItem& item : items_of(fresh)) items.emplace_back(item.kind + " " + item.subject);
  record("collateral loaded", {{"items", std::move(items)}});
  parts_.collateral = std::move(fresh);
  platforms_.forget();
  return done();
}

Response Service::put_revocation(const Request& request) {
  Revocation revocation = Revocation::parse(Json::parse(request.body, "revocation"));
  revocation.time_ms = parts_.now_ms();
  for (const Revocation& known : revocations_) {
    if (same_subject(known, revocation)) return done();
  }
  if (revocations_.size() >= most_revocations) return error(409, "there are 4096 revocations, wanted no more");
  parts_.store.put_revocation(revocation.json());
  revocations_.push_back(revocation);
  record("revoked", {{"revocation", revocation.json()}});
  take_effect(revocation);
  return done();
}

/// At once: leases end, and with them every token; verdicts turn, so that `status` says so.
void Service::take_effect(const Revocation& revocation) {
  const bool everyone = revocation.kind == Revocation::Kind::owner_key && revoked_owner_key().has_value();
  if (everyone) approval_.reset();
  const auto verdicts = parts_.store.verdicts();
  for (const auto& [guest, stored] : parts_.store.leases()) {
    if (!everyone && !concerns(revocation, Lease::parse(stored).facts)) continue;
    end_lease(guest, "revoked: " + revocation.text());
    const auto known = verdicts.find(guest);
    if (known == verdicts.end()) continue;
    Verdict verdict = Verdict::parse(known->second);
    verdict.attested = false;
    verdict.time_ms = parts_.now_ms();
    verdict.reasons = {"revoked: " + revocation.text()};
    parts_.store.put_verdict(guest, verdict.json());
  }
}

Response Service::lift_revocation(const Request& request) {
  const Revocation revocation = Revocation::parse(Json::parse(request.body, "revocation"));
  const auto removed =
      std::erase_if(revocations_, [&](const Revocation& one) { return same_subject(one, revocation); });
  if (removed == 0) return error(409, "not revoked: " + revocation.text());
  parts_.store.lift_revocation(std::string(name_of(revocation.kind)), revocation.value);
  record("revocation lifted", {{"revocation", revocation.json()}});
  return done();
}

Response Service::metrics_page() {
  Metrics::Gauges gauges;
  const std::int64_t now = parts_.now_ms();
  gauges.sessions = static_cast<std::int64_t>(sessions_.count(now));
  for (const auto& [guest, lease] : parts_.store.leases()) gauges.leases += Lease::parse(lease).holds(now) ? 1 : 0;
  gauges.revocations = static_cast<std::int64_t>(revocations_.size());
  if (approval_) gauges.approval_expires = approval_->not_after.value_or(0);
  const std::vector<CollateralItem> items = items_of(parts_.collateral);
  if (!items.empty()) gauges.collateral_expires = items.front().until.value_or(0);
  Response page{200, metrics_.text(gauges), ""};
  page.content_type = "text/plain; version=0.0.4";
  return page;
}

}  // namespace attestation
