#include "attestation/wire/kbs_client.h"

#include <algorithm>

#include "attestation/wire/jwe.h"
#include "base/encoding.h"
#include "base/error.h"

namespace attestation::wire {
namespace {

/// The body of a good answer; a refusal becomes an error with the service's reason.
std::string accepted(const HttpResponse& response, std::string_view step) {
  if (response.status == 200) return response.body;
  std::string reason = "HTTP status " + std::to_string(response.status);
  try {
    reason = ErrorInformation::parse(response.body).detail;
  } catch (const base::Error&) {  // not the protocol's error body: the status says all there is
  }
  throw base::Error(base::Kind::not_attested,
                    "the attestation service refused the " + std::string(step) + ": " + reason);
}

/// Request, challenge, attestation. @return the token
std::string attested(HttpClient& service, EvidenceMaker& maker, const base::EcdhKey& key) {
  AuthRequest request;
  request.tee = maker.tee();
  const std::string challenge_text = accepted(service.post("/kbs/v0/auth", request.text()), "request");
  const RuntimeData runtime_data{Challenge::parse(challenge_text).nonce, key.point()};
  const AttestRequest attestation{maker.init_data(), runtime_data,
                                  maker.primary_evidence(runtime_data_digest(runtime_data, "")), ""};
  return TokenResponse::parse(accepted(service.post("/kbs/v0/attest", attestation.text()), "evidence")).token;
}

/// The token came from the pinned service itself, so its signature has nothing to add.
std::optional<std::chrono::seconds> next_attestation(std::string_view token) {
  const std::size_t first = token.find('.'), last = token.rfind('.');
  if (first == last) return std::nullopt;
  const std::optional<base::Buffer> payload = base::from_base64url(token.substr(first + 1, last - first - 1));
  if (!payload) return std::nullopt;
  const base::Json claims = base::Json::parse(base::text_of(*payload), "token");
  const base::Json* wanted = claims.find("cvm.reattestSeconds");
  if (wanted == nullptr) return std::nullopt;
  return std::chrono::seconds(std::clamp<std::int64_t>(wanted->integer(), 10, 86400));
}

}  // namespace

std::optional<std::chrono::seconds> attest(HttpClient& service, EvidenceMaker& maker) {
  return next_attestation(attested(service, maker, *maker.session_key()));
}

AttestedSession::AttestedSession(HttpClient& service, EvidenceMaker& maker)
    : service_(service), key_(maker.session_key()) {
  attested(service_, maker, *key_);
}

base::Secret AttestedSession::resource(std::string_view path) {
  const std::string jwe = accepted(service_.get("/kbs/v0/" + std::string(path)), path);
  return decrypt_in_guest(*key_, jwe);
}

void AttestedSession::note_formatted(std::string_view volume) {
  const std::string path = "/bulkhead/v1/volume/" + std::string(volume) + "/formatted";
  accepted(service_.post(path, "{}"), "note that " + std::string(volume) + " is formatted");
}

base::Secret fetch_resource(HttpClient& service, EvidenceMaker& maker, std::string_view path) {
  return AttestedSession(service, maker).resource(path);
}

}  // namespace attestation::wire
