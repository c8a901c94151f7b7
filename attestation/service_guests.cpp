#include "attestation/appraise.h"
#include "attestation/discovery.h"
#include "attestation/guest_name.h"
#include "attestation/printable.h"
#include "attestation/service.h"
#include "attestation/verify_tpm.h"
#include "attestation/wire/jwe.h"
#include "attestation/wire/jwk.h"
#include "base/error.h"

namespace attestation {
namespace {

using base::Json;
using Reasons = std::vector<std::string>;

constexpr std::string_view resource_prefix = "/kbs/v0/resource/";
constexpr std::string_view bootstrap_prefix = "/kbs/v0/resource/bulkhead/bootstrap/";
constexpr std::int64_t token_seconds = 300;

Response error(unsigned status, std::string_view name, std::string_view detail) {
  return {status, wire::ErrorInformation::named(name, printable(detail)).text(), ""};
}

Json evidence_claims(const wire::AttestRequest& attestation, const wire::TpmEvidence& evidence) {
  Json runtime = attestation.runtime_data.json();
  runtime["additional-evidence"] = attestation.additional_evidence;
  const base::Sha256 init_data = base::sha256(base::bytes_of(attestation.init_data->body));
  return Json::Object{
      {"tpm", Json::Object{{"pcrs", pcrs_json(evidence)}, {"ak_public", base::base64(evidence.ak_public)}}},
      {"runtime_data_claims", std::move(runtime)},
      {"init_data", init_data.hex()}};
}

}  // namespace

Response Service::answer_guest(const Request& request) {
  try {
    if (!rate_limit_.allows(request.source, parts_.now_ms())) {
      return error(429, "AttestationError", "too many requests from this address");
    }
    if (request.method == "POST" && request.path == "/kbs/v0/auth") return auth(request);
    if (request.method == "POST" && request.path == "/kbs/v0/attest") return attest(request);
    if (request.method == "GET" && request.path.starts_with(resource_prefix)) return resource(request);
    if (request.method == "GET" && request.path == jwks_path) {
      return {200, jwks_json(parts_.issuer.key.public_key(), parts_.issuer.chain).compact(), ""};
    }
    if (request.method == "GET" && request.path == discovery_path) {
      return {200, discovery_json(parts_.issuer.url).compact(), ""};
    }
    return error(404, "InvalidRequestPath", "no such path");
  } catch (const std::exception& problem) {
    note_failure(problem.what());
    return error(500, "PluginInternalError", "the service failed; its audit log says why");
  }
}

/// What went wrong inside; the audit log itself may be what failed, and then nothing more can be said.
void Service::note_failure(const std::string& reason) noexcept {
  try {
    parts_.audit.record(parts_.now_ms(), "failure", {{"reason", printable(reason)}});
  } catch (const std::exception&) {  // the answer is a failure already
  }
}

Response Service::auth(const Request& request) {
  try {
    const wire::AuthRequest message = wire::AuthRequest::parse(request.body);
    if (message.version != wire::protocol_version) {
      return refused(request, "", {"protocol version: wanted 0.4.0, got '" + message.version + "'"});
    }
    if (message.tee != "tpm") return refused(request, "", {"tee: wanted 'tpm', got '" + message.tee + "'"});
  } catch (const base::Error& problem) {
    return refused(request, "", {problem.what()});
  }
  const std::optional<std::string> id = sessions_.start(parts_.now_ms());
  if (!id) return error(429, "AttestationError", "too many sessions");
  return {200, wire::Challenge{sessions_.find(*id, parts_.now_ms())->nonce, ""}.text(), *id};
}

Response Service::attest(const Request& request) {
  SessionTable::Session* session = sessions_.find(request.session, parts_.now_ms());
  if (session == nullptr) return refused(request, "", {"session unknown or expired"});
  if (session->used) return refused(request, "", {"nonce unknown or used"});
  session->used = true;
  std::string guest;
  try {
    const wire::AttestRequest attestation = wire::AttestRequest::parse(request.body);
    const wire::TpmEvidence evidence = wire::TpmEvidence::parse(attestation.primary_evidence);
    if (evidence.bulkhead && is_guest_name(evidence.bulkhead->guest)) guest = evidence.bulkhead->guest;
    const std::string& nonce = attestation.runtime_data.nonce;
    if (!sessions_.made_here(nonce, request.session) || nonce != session->nonce) {
      return refused(request, guest, {"nonce unknown or used"});
    }
    bool authentic = false;
    const Reasons problems = problems_of(attestation, evidence, authentic);
    if (problems.empty()) return attested(request, *session, attestation, evidence);
    keep_refusal(guest, problems, authentic, pcrs_json(evidence));
    return refused(request, guest, problems);
  } catch (const base::Error& problem) {
    return refused(request, guest, {problem.what()});
  }
}

Reasons Service::problems_of(const wire::AttestRequest& attestation, const wire::TpmEvidence& evidence,
                             bool& authentic) {
  if (!evidence.bulkhead) return {"evidence has no 'bulkhead' member (guest, event log, SHA-384 quote)"};
  if (!attestation.additional_evidence.empty()) return {"additional evidence: none is wanted"};
  const std::string& guest = evidence.bulkhead->guest;
  if (const auto problem = enrolment_problem(guest, evidence.ak_public)) return {*problem};
  const base::Sha384 digest = wire::runtime_data_digest(attestation.runtime_data, attestation.additional_evidence);
  Reasons problems = genuineness_problems(evidence, evidence.ak_public, wire::tpm_report_data(digest));
  authentic = problems.empty();
  if (!authentic) return problems;
  if (!approval_) return {"no approval is loaded"};
  if (approval_->not_after && parts_.now_ms() / 1000 > *approval_->not_after) return {"the approval has expired"};
  if (approval_->tee != "emulated") return {"the approval is for tee " + approval_->tee + ", the evidence is emulated"};
  const ApprovedGuest* approved = approval_->find(guest);
  if (approved == nullptr) return {"the approval does not name " + guest};
  if (!attestation.init_data) return {"initdata is missing"};
  return approval_problems(evidence, attestation.init_data->body, *approved);
}

std::optional<std::string> Service::enrolment_problem(const std::string& guest, base::Bytes key) {
  for (const auto& [owner, enrolled] : parts_.store.enrolled_keys()) {
    if (!base::equal_in_constant_time(enrolled, key)) continue;
    if (owner == guest) return std::nullopt;
    return "attestation key enrolled for another guest: the key is " + owner + "'s, the evidence claims '" + guest +
           "'";
  }
  return "attestation key not enrolled: SHA-256 " + base::sha256(key).hex();
}

Response Service::attested(const Request& request, SessionTable::Session& session,
                           const wire::AttestRequest& attestation, const wire::TpmEvidence& evidence) {
  const std::int64_t now = parts_.now_ms();
  const std::string& guest = evidence.bulkhead->guest;
  parts_.store.put_verdict(guest, Verdict{now, true, {}, pcrs_json(evidence)}.json());
  parts_.audit.record(now, "attested", {{"source", request.source}, {"guest", guest}});
  const TokenClaims claims{parts_.tenant,
                           guest,
                           base::hex(base::random_bytes(16)),
                           base::sha256(evidence.ak_public),
                           attestation.runtime_data.tee_public_key,
                           now / 1000,
                           now / 1000 + token_seconds};
  session.token = issue_token(parts_.issuer, claims, evidence_claims(attestation, evidence));
  return {200, wire::TokenResponse{session.token}.text(), request.session};
}

/// A refusal displaces an older "attested" only when the guest's own key has signed: nobody else can spoil a verdict.
void Service::keep_refusal(const std::string& guest, const Reasons& reasons, bool authentic, const Json& pcrs) {
  if (guest.empty() || !knows(guest)) return;
  if (!authentic) {
    const auto all = parts_.store.verdicts();
    const auto earlier = all.find(guest);
    if (earlier != all.end() && Verdict::parse(earlier->second).attested) return;
  }
  Verdict verdict{parts_.now_ms(), false, {}, base::Json::Object{}};
  for (const std::string& reason : reasons) verdict.reasons.push_back(printable(reason));
  if (authentic) verdict.pcrs = pcrs;
  parts_.store.put_verdict(guest, verdict.json());
}

Response Service::refused(const Request& request, const std::string& guest, const Reasons& reasons,
                          std::string_view error_name) {
  Json::Array texts;
  for (const std::string& reason : reasons) texts.emplace_back(printable(reason));
  const std::string entry = base::hex(base::random_bytes(4));
  parts_.audit.record(parts_.now_ms(), "refused",
                      {{"entry", entry},
                       {"source", request.source},
                       {"path", printable(request.path)},
                       {"guest", guest},
                       {"reasons", std::move(texts)}});
  return error(401, error_name, "refused; entry " + entry + " of the service's audit log says why");
}

Response Service::resource(const Request& request) {
  std::string token = request.bearer;
  SessionTable::Session* session = sessions_.find(request.session, parts_.now_ms());
  if (token.empty() && session != nullptr) token = session->token;
  const auto claims = accepted_token(token, parts_.issuer, parts_.tenant, parts_.now_ms() / 1000);
  if (!claims) {
    return refused(request, "", {"no valid attestation token"}, token.empty() ? "TokenNotFound" : "TokenVerifierError");
  }
  if (!request.path.starts_with(bootstrap_prefix)) return error(404, "PluginNotFound", "no such resource");
  const auto guest = guest_of_path_segment(std::string_view(request.path).substr(bootstrap_prefix.size()));
  if (!guest) return error(404, "PluginNotFound", "no such resource");
  if (*guest != claims->guest)
    return refused(request, claims->guest, {"the bootstrap secret of " + *guest + " is not for " + claims->guest},
                   "PolicyDeny");
  const auto keys = parts_.store.enrolled_keys();
  const auto enrolled = keys.find(*guest);
  if (enrolled == keys.end() || base::sha256(enrolled->second) != claims->key) {
    return refused(request, *guest, {"attestation key was revoked"}, "PolicyDeny");
  }
  const base::Secret secret = secret_made_once(parts_.store, parts_.storage_key.view(), "bootstrap/" + *guest);
  parts_.audit.record(parts_.now_ms(), "released",
                      {{"source", request.source}, {"guest", *guest}, {"token", claims->id}});
  return {200, wire::encrypt_to_guest(claims->guest_key, secret.view()), ""};
}

}  // namespace attestation
