#include "attestation/wire/kbs_client.h"

#include <algorithm>

#include "attestation/wire/jwe.h"
#include "base/encoding.h"
#include "base/error.h"

namespace attestation::wire {
namespace {

constexpr unsigned come_back_later = 429, key_store_silent = 503;

/// The body of a good answer; a refusal becomes an error with the service's reason.
std::string accepted(const HttpResponse& response, std::string_view step) {
  if (response.status == 200) return response.body;
  std::string reason = "HTTP status " + std::to_string(response.status);
  try {
    reason = ErrorInformation::parse(response.body).detail;
  } catch (const base::Error&) {  // not the protocol's error body: the status says all there is
  }
  if (response.status == come_back_later || response.status == key_store_silent)
    throw base::Error(base::Kind::host, "the attestation service put the " + std::string(step) + " off: " + reason);
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

std::string volume_path(std::string_view volume) {
  return "/bulkhead/v1/volume/" + std::string(volume);
}

}  // namespace

AttestedSession::AttestedSession(HttpClient& service, EvidenceMaker& maker)
    : service_(service),
      private_key_(maker.session_key()),
      key_(private_key_),
      token_(attested(service, maker, key_)) {}

/// The token came from the pinned service itself, so its signature has nothing to add.
std::optional<std::chrono::seconds> AttestedSession::next_attestation() const {
  const std::size_t first = token_.find('.'), last = token_.rfind('.');
  if (first == last) return std::nullopt;
  const std::optional<base::Buffer> payload =
      base::from_base64url(std::string_view(token_).substr(first + 1, last - first - 1));
  if (!payload) return std::nullopt;
  const base::Json claims = base::Json::parse(base::text_of(*payload), "token");
  const base::Json* wanted = claims.find("cvm.reattestSeconds");
  if (wanted == nullptr) return std::nullopt;
  return std::chrono::seconds(std::clamp<std::int64_t>(wanted->integer(), 10, 86400));
}

base::Secret AttestedSession::resource(std::string_view path) {
  const std::string jwe = accepted(service_.get("/kbs/v0/" + std::string(path)), path);
  return decrypt_in_guest(key_, jwe);
}

ClientIdentity AttestedSession::identity(std::string_view guest) {
  const base::Secret chain = resource("resource/bulkhead/certificate/" + std::string(guest));
  return {base::text_of(chain.view()), private_key_.pem()};
}

VolumeKeys AttestedSession::volume_keys(std::string_view volume) {
  return parse_volume_keys(resource("resource/bulkhead/volume/" + std::string(volume)).view());
}

VolumeVersions AttestedSession::volume_versions(std::string_view volume) {
  return VolumeVersions::parse(accepted(service_.get(volume_path(volume)), "question for versions"));
}

void AttestedSession::note_formatted(std::string_view volume) {
  accepted(service_.post(volume_path(volume) + "/formatted", "{}"),
           "note that " + std::string(volume) + " is formatted");
}

void AttestedSession::note_rotated(std::string_view volume, std::uint32_t version) {
  accepted(service_.post(volume_path(volume) + "/rotated", VolumeRotated{version}.text()),
           "note that version " + std::to_string(version) + " opens " + std::string(volume));
}

base::Secret fetch_resource(HttpClient& service, EvidenceMaker& maker, std::string_view path) {
  return AttestedSession(service, maker).resource(path);
}

}  // namespace attestation::wire
