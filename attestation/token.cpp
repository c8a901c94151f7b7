#include "attestation/token.h"

#include "attestation/guest_name.h"
#include "attestation/jws.h"
#include "attestation/lease.h"
#include "attestation/wire/jwk.h"
#include "base/error.h"

namespace attestation {
namespace {

using base::Json;

std::string audience_of(std::string_view tenant) {
  return "bulkhead/" + std::string(tenant);
}

Json decoded(std::string_view part, const char* name) {
  const std::optional<base::Buffer> raw = base::from_base64url(part);
  if (!raw) throw base::Error(base::Kind::malformed, std::string(name) + ": not base64url");
  return Json::parse(base::text_of(*raw), name);
}

Json header_json(const TokenIssuer& issuer) {
  const base::EcdhKey::Point point = issuer.key.public_key().p256_point();
  return Json::Object{{"alg", "ES256"},
                      {"typ", "JWT"},
                      {"kid", wire::key_thumbprint(point)},
                      {"jwk", wire::signing_key_json(point, issuer.chain)}};
}

/// A software TPM says nothing about hardware.
Json submods(const Json& evidence_claims) {
  const int hardware = evidence_claims.find("snp") != nullptr || evidence_claims.find("tdx") != nullptr ? 2 : 0;
  const Json vector =
      Json::Object{{"instance-identity", 2}, {"configuration", 2},  {"executables", 3},    {"file-system", 0},
                   {"hardware", hardware},   {"runtime-opaque", 0}, {"storage-opaque", 0}, {"sourced-data", 0}};
  return Json::Object{{"cpu0", Json::Object{{"ear.status", "affirming"},
                                            {"ear.trustworthiness-vector", vector},
                                            {"ear.appraisal-policy-id", "bulkhead.approval/v1"},
                                            {"ear.veraison.annotated-evidence", evidence_claims}}}};
}

TokenClaims claims_of(const Json& payload, std::string_view issuer, std::string_view tenant) {
  const std::string& subject = payload.at("sub").text();
  const std::string prefix = std::string(tenant) + "/";
  const bool ours = payload.at("iss").text() == issuer && payload.at("aud").text() == audience_of(tenant) &&
                    subject.compare(0, prefix.size(), prefix) == 0 && is_guest_name(subject.substr(prefix.size()));
  if (!ours) throw base::Error(base::Kind::malformed, "token: of another service");
  return {std::string(tenant),
          subject.substr(prefix.size()),
          payload.at("jti").text(),
          payload.at("cvm.attestationKey").text(),
          payload.at("cvm.boot").integer(),
          payload.at("cvm.measurement").text(),
          wire::parse_tee_key(payload.at("cnf").at("jwk"), "token: cnf"),
          payload.at("iat").integer(),
          payload.at("exp").integer()};
}

}  // namespace

Json stated_claims(const TokenIssuer& issuer, const TokenClaims& claims) {
  const std::string pool = claims.guest.substr(0, claims.guest.find('/'));
  return Json::Object{{"iss", issuer.url},
                      {"aud", audience_of(claims.tenant)},
                      {"sub", claims.tenant + "/" + claims.guest},
                      {"jti", claims.id},
                      {"iat", claims.issued},
                      {"exp", claims.expires},
                      {"cvm.tenant", claims.tenant},
                      {"cvm.role", pool},
                      {"cvm.attestationKey", claims.attestation_key},
                      {"cvm.boot", claims.boot},
                      {"cvm.measurement", claims.measurement},
                      {"cvm.reattestSeconds", reattest_seconds}};
}

std::string issue_token(const TokenIssuer& issuer, const TokenClaims& claims, const Json& evidence_claims) {
  Json payload = stated_claims(issuer, claims);
  payload["eat_profile"] = "tag:github.com,2024:confidential-containers/Trustee";
  payload["cnf"] = Json::Object{{"jwk", wire::tee_key_json(claims.guest_key)}};
  payload["ear.verifier-id"] = Json::Object{{"developer", "Bulkhead"}, {"build", "bulkhead-attestd"}};
  payload["submods"] = submods(evidence_claims);
  return signed_jws(issuer.key, header_json(issuer), payload);
}

std::optional<TokenClaims> claims_of_signed(std::string_view message, std::string_view issuer, std::string_view tenant,
                                            std::int64_t now) {
  const std::size_t dot = message.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  if (decoded(message.substr(0, dot), "token header").at("alg").text() != "ES256") return std::nullopt;
  TokenClaims claims = claims_of(decoded(message.substr(dot + 1), "token"), issuer, tenant);
  if (now < claims.issued || now >= claims.expires) return std::nullopt;
  return claims;
}

std::optional<TokenClaims> accepted_token(std::string_view token, const base::PublicKey& key, std::string_view issuer,
                                          std::string_view tenant, std::int64_t now) {
  const std::size_t last = token.rfind('.');
  if (last == std::string_view::npos) return std::nullopt;
  const std::string_view message = token.substr(0, last);
  try {
    const std::optional<base::Buffer> signature = base::from_base64url(token.substr(last + 1));
    if (!signature || !key.verifies_es256(base::bytes_of(message), *signature)) return std::nullopt;
    return claims_of_signed(message, issuer, tenant, now);
  } catch (const base::Error&) {
    return std::nullopt;
  }
}

}  // namespace attestation
