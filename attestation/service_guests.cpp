#include "attestation/appraise.h"
#include "attestation/discovery.h"
#include "attestation/guest_name.h"
#include "attestation/owner_name.h"
#include "attestation/printable.h"
#include "attestation/service.h"
#include "base/error.h"

namespace attestation {
namespace {

using base::Json;

constexpr std::string_view protocol_prefix = "/kbs/v0/";
constexpr std::string_view resource_prefix = "/kbs/v0/resource/";
constexpr std::string_view time_prefix = "/bulkhead/v1/time/";
constexpr std::string_view volume_prefix = "/bulkhead/v1/volume/";

Response error(unsigned status, std::string_view name, std::string_view detail) {
  return {status, wire::ErrorInformation::named(name, printable(detail)).text(), ""};
}

/// By the protocol's name of the evidence.
using Examiner = Examination (*)(const wire::AttestRequest&, const ExaminationContext&);
const std::map<std::string, Examiner>& examiners() {
  static const std::map<std::string, Examiner> all{{"tpm", examine_tpm}, {"snp", examine_snp}, {"tdx", examine_tdx}};
  return all;
}

/// What a token says of the evidence and of what was sent with it.
Json evidence_claims(const wire::AttestRequest& attestation, const Examination& found) {
  Json claims = found.claims;
  Json runtime = attestation.runtime_data.json();
  runtime["additional-evidence"] = attestation.additional_evidence;
  claims["runtime_data_claims"] = std::move(runtime);
  claims["init_data"] = found.init_data;
  return claims;
}

}  // namespace

Answer Service::begin_guest(const Request& request) {
  /// Whatever is thrown, now or when the key store has answered, is a failure the guest learns no more of.
  const auto told = [this](const std::function<Answer()>& make) -> Answer {
    Answer answer;
    try {
      answer = make();
    } catch (const std::exception& problem) {
      note_failure(problem.what());
      answer = error(500, "PluginInternalError", "the service failed; its audit log says why");
    }
    if (const auto* const response = std::get_if<Response>(&answer)) metrics_.answered(response->status);
    return answer;
  };
  Answer answer = told([&]() -> Answer {
    return source_limit_.allows(request.source, parts_.now_ms())
               ? routed_for_guest(request)
               : error(429, "AttestationError", "too many requests from this address");
  });
  if (auto* const pending = std::get_if<Pending>(&answer)) {
    pending->finish = [told, finish = std::move(pending->finish)](const std::exception_ptr& problem) {
      return std::get<Response>(told([&]() -> Answer { return finish(problem); }));
    };
  }
  return answer;
}

Answer Service::routed_for_guest(const Request& request) {
  if (request.method == "POST" && request.path == "/kbs/v0/auth") return auth(request);
  if (request.method == "POST" && request.path == "/kbs/v0/attest") return attest(request);
  if (request.method == "GET" && request.path.starts_with(resource_prefix)) return resource(request);
  if (request.method == "GET" && request.path.starts_with(volume_prefix)) return volume_versions(request);
  if (request.method == "POST" && request.path.starts_with(volume_prefix)) return volume_note(request);
  if (request.method == "GET" && request.path == jwks_path) {
    return Response{200, jwks_json(token_keys_.published(parts_.now_ms())).compact(), ""};
  }
  if (request.method == "GET" && request.path == discovery_path) {
    return Response{200, discovery_json(parts_.issuer.url).compact(), ""};
  }
  if (request.method == "GET" && request.path.starts_with(time_prefix)) {
    return signed_time(request.path.substr(time_prefix.size()));
  }
  const bool administration = request.path.starts_with("/v1/") || request.path == "/metrics";
  if (const auto owner = owner_of_uri(request.peer, parts_.tenant); owner && administration) {
    return begin_owner(request, *owner);
  }
  std::string reason = "no such path: " + request.method;
  if (administration)
    reason = "administration by " + (request.peer.empty() ? "nobody with a certificate" : request.peer);
  const bool of_plugin = request.path.starts_with(protocol_prefix);
  return refused(request, "", {reason}, of_plugin ? "PluginNotFound" : "InvalidRequestPath", 404);
}

/// Her name is in what the audit log has of the request, now and when the key store has answered.
Answer Service::begin_owner(const Request& request, const std::string& owner) {
  const auto as_owner = [this, owner](const auto& act) {
    acting_owner_ = owner;
    auto answer = act();
    acting_owner_.clear();
    return answer;
  };
  Answer answer = as_owner([&] { return begin_admin(request); });
  if (auto* const pending = std::get_if<Pending>(&answer)) {
    pending->finish = [as_owner, finish = std::move(pending->finish)](const std::exception_ptr& problem) {
      return as_owner([&] { return finish(problem); });
    };
  }
  return answer;
}

Response Service::auth(const Request& request) {
  std::string tee;
  try {
    const wire::AuthRequest message = wire::AuthRequest::parse(request.body);
    if (message.version != wire::protocol_version) {
      return refused(request, "", {"protocol version: wanted 0.4.0, got '" + message.version + "'"});
    }
    if (examiners().count(message.tee) == 0) {
      return refused(request, "", {"tee: wanted tpm, snp or tdx, got '" + message.tee + "'"});
    }
    tee = message.tee;
  } catch (const base::Error& problem) {
    return refused(request, "", {problem.what()});
  }
  const std::optional<std::string> id = sessions_.start(request.source, tee, parts_.now_ms());
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
    static_cast<void>(
        wire::public_key_of(attestation.runtime_data.tee_public_key));  // or no secret can be wrapped to it
    const std::string& nonce = attestation.runtime_data.nonce;
    if (!sessions_.made_here(nonce, request.session) || nonce != session->nonce) {
      return refused(request, "", {"nonce unknown or used"});
    }
    const Examination found = examined(attestation, session->tee);
    guest = found.guest;
    if (found.problems.empty()) return attested(request, *session, attestation, found);
    keep_refusal(found);
    if (found.later) return refused(request, guest, found.problems, "AttestationError", 429);
    return refused(request, guest, found.problems);
  } catch (const base::Error& problem) {
    return refused(request, guest, {problem.what()});
  }
}

Examination Service::examined(const wire::AttestRequest& attestation, const std::string& tee) {
  const auto enrolled = parts_.store.enrolled_keys();
  Examination found = examiners().at(tee)(
      attestation, {enrolled, approval_.get(), parts_.now_ms() / 1000, &parts_.collateral, &platforms_});
  for (std::string& problem : rolled_back(found.evaluation_numbers)) {
    found.problems.push_back(std::move(problem));
    found.authentic = false;  // the guest can do nothing about it
  }
  if (!found.authentic) return found;
  for (std::string& problem : revocation_problems(revocations_, found.facts)) {
    found.problems.push_back(std::move(problem));
  }
  if (!found.problems.empty()) return found;
  if (const auto problem = lease_problem(lease_of(found.guest), found.life, parts_.now_ms())) {
    found.problems.push_back(*problem);
    found.authentic = false;  // says nothing about the life that holds the lease
    found.later = !found.life.counter;
  }
  return found;
}

/// What the evidence was verified with is older than what some was accepted with before: whoever keeps the collateral
/// went back behind a TCB recovery.
Service::Reasons Service::rolled_back(const EvaluationNumbers& evaluation_numbers) {
  Reasons problems;
  if (evaluation_numbers.empty()) return problems;
  const EvaluationNumbers known = parts_.store.evaluation_numbers();
  for (const auto& [document, number] : evaluation_numbers) {
    const auto before = known.find(document);
    if (before == known.end() || before->second <= number) continue;
    problems.push_back("rollback: " + document + ": wanted a tcbEvaluationDataNumber of at least " +
                       std::to_string(before->second) + ", got " + std::to_string(number));
  }
  return problems;
}

void Service::remember(const EvaluationNumbers& evaluation_numbers) {
  if (evaluation_numbers.empty()) return;
  const EvaluationNumbers known = parts_.store.evaluation_numbers();
  for (const auto& [document, number] : evaluation_numbers) {
    const auto before = known.find(document);
    if (before == known.end() || before->second < number) parts_.store.put_evaluation_number(document, number);
  }
}

void Service::note_dropped(const std::string& source, const std::string& why) noexcept {
  try {
    if (!source_limit_.allows(source, parts_.now_ms())) return;  // the log must not grow with what anybody sends
    record("dropped", {{"source", source}, {"reason", printable(why)}});
  } catch (const std::exception&) {  // nobody waits for an answer
  }
}

Response Service::attested(const Request& request, SessionTable::Session& session,
                           const wire::AttestRequest& attestation, const Examination& found) {
  const std::int64_t now = parts_.now_ms();
  if (!guest_limit_.allows(found.guest, now)) return error(429, "AttestationError", "too many attestations");
  const Lease lease = next_lease(lease_of(found.guest), found.life, found.facts, now);
  const TokenClaims claims{parts_.tenant,
                           found.guest,
                           base::hex(base::random_bytes(16)),
                           found.attestation_key,
                           lease.boot,
                           found.measurement,
                           attestation.runtime_data.tee_public_key,
                           now / 1000,
                           now / 1000 + token_seconds};
  const Verdict verdict{now, true, {}, found.registers, stated_claims(token_keys_.current(), claims)};
  parts_.store.put_attested(found.guest, {lease.json(), verdict.json(), attestation.text()});
  remember(found.evaluation_numbers);
  record("attested", {{"source", request.source}, {"guest", found.guest}, {"boot", lease.boot}});
  session.token = issue_token(token_keys_.current(), claims, evidence_claims(attestation, found));
  return {200, wire::TokenResponse{session.token}.text(), request.session};
}

/// A refusal displaces an older "attested", and ends the guest's lease, only when it is the guest itself that was
/// refused: nobody else can spoil a verdict.
void Service::keep_refusal(const Examination& found) {
  const bool known =
      (approval_ && approval_->find(found.guest) != nullptr) || parts_.store.enrolled_keys().contains(found.guest);
  if (found.guest.empty() || !known) return;
  if (found.authentic) {
    end_lease(found.guest, "refused: " + found.problems.front());
  } else {
    const auto all = parts_.store.verdicts();
    const auto earlier = all.find(found.guest);
    if (earlier != all.end() && Verdict::parse(earlier->second).attested) return;
  }
  Verdict verdict{parts_.now_ms(), false, {}, Json::Object{}, {}};
  for (const std::string& reason : found.problems) verdict.reasons.push_back(printable(reason));
  if (found.authentic) verdict.pcrs = found.registers;
  parts_.store.put_verdict(found.guest, verdict.json());
}

Response Service::refused(const Request& request, const std::string& guest, const Reasons& reasons,
                          std::string_view error_name, unsigned status) {
  Json::Array texts;
  for (const std::string& reason : reasons) texts.emplace_back(printable(reason));
  const std::string entry = base::hex(base::random_bytes(4));
  record("refused", {{"entry", entry},
                     {"source", request.source},
                     {"path", printable(request.path)},
                     {"guest", guest},
                     {"reasons", std::move(texts)}});
  return error(status, error_name, "refused; entry " + entry + " of the service's audit log says why");
}

Response Service::not_now(const Request& request, const std::string& guest, const std::string& reason) {
  const std::string entry = base::hex(base::random_bytes(4));
  record("not now", {{"entry", entry},
                     {"source", request.source},
                     {"path", printable(request.path)},
                     {"guest", guest},
                     {"reason", printable(reason)}});
  return error(503, "PluginInternalError", "not now; entry " + entry + " of the service's audit log says why");
}

}  // namespace attestation
