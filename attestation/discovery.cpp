#include "attestation/discovery.h"

#include "attestation/wire/jwk.h"
#include "attestation/wire/tee_key.h"

namespace attestation {

using base::Json;

Json jwks_json(const std::vector<PublishedKey>& keys) {
  Json::Array all;
  for (const PublishedKey& one : keys) {
    const base::EcdhKey::Point point = one.key.p256_point();
    Json key = wire::signing_key_json(point, one.chain);
    key["use"] = "sig";
    key["kid"] = wire::key_thumbprint(point);
    all.push_back(std::move(key));
  }
  return Json::Object{{"keys", std::move(all)}};
}

Json discovery_json(const std::string& issuer) {
  const auto one = [](const char* text) { return Json(Json::Array{Json(text)}); };
  return Json::Object{{"issuer", issuer},
                      {"jwks_uri", issuer + std::string(jwks_path)},
                      {"response_types_supported", one("id_token")},
                      {"subject_types_supported", one("public")},
                      {"id_token_signing_alg_values_supported", one("ES256")}};
}

}  // namespace attestation
