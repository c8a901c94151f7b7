#include "attestation/destruction_statement.h"

#include "attestation/jws.h"
#include "attestation/wire/json_members.h"
#include "attestation/wire/jwk.h"
#include "attestation/wire/tee_key.h"
#include "base/certificate_chain.h"
#include "base/error.h"

namespace attestation {
namespace {

using base::Json;

constexpr const char* type = "bulkhead-destruction+jwt";

[[noreturn]] void refuse(std::string_view name, const std::string& why) {
  throw base::Error(base::Kind::not_attested, std::string(name) + ": " + why);
}

DestructionStatement statement_of(const Json& payload, const std::string& where) {
  if (!payload.is_object()) throw base::Error(base::Kind::malformed, where + ": wanted an object");
  base::expect_members(payload, {"iss", "tenant", "time_ms", "destroyed", "auditHead"}, where);
  const Json* const time = payload.find("time_ms");
  const Json* const keys = payload.find("destroyed");
  if (time == nullptr || !time->is_integer())
    throw base::Error(base::Kind::malformed, where + ": time_ms: wanted a number");
  if (keys == nullptr || !keys->is_array())
    throw base::Error(base::Kind::malformed, where + ": destroyed: wanted a list");
  DestructionStatement statement{wire::text_member(payload, "iss", where),
                                 wire::text_member(payload, "tenant", where),
                                 time->integer(),
                                 {},
                                 wire::text_member(payload, "auditHead", where)};
  for (const Json& key : keys->array()) {
    if (!key.is_string()) throw base::Error(base::Kind::malformed, where + ": destroyed: wanted names");
    statement.keys.push_back(key.text());
  }
  return statement;
}

/// The certificate of the key that signed, which vouches for nothing yet.
base::X509Certificate signers_certificate(const Json& header, const std::string& where) {
  const Json& jwk = wire::object_member(header, "jwk", where);
  const Json* const chain = jwk.find("x5c");
  if (chain == nullptr || !chain->is_array() || chain->array().empty() || !chain->array().front().is_string())
    throw base::Error(base::Kind::malformed, where + ": jwk: x5c: wanted the certificates of the signing key");
  const std::optional<base::Buffer> der = base::from_base64(chain->array().front().text());
  if (!der) throw base::Error(base::Kind::malformed, where + ": jwk: x5c: not base64");
  return base::X509Certificate::from_der(*der, where + ": jwk: x5c");
}

}  // namespace

std::string token_key_name(std::string_view tenant) {
  return std::string(tenant) + " attestation tokens";
}

std::string signed_destruction(const TokenIssuer& issuer, const DestructionStatement& statement) {
  const base::EcdhKey::Point point = issuer.key.public_key().p256_point();
  return signed_jws(issuer.key,
                    Json::Object{{"alg", "ES256"},
                                 {"typ", type},
                                 {"kid", wire::key_thumbprint(point)},
                                 {"jwk", wire::signing_key_json(point, issuer.chain)}},
                    Json::Object{{"iss", statement.service},
                                 {"tenant", statement.tenant},
                                 {"time_ms", statement.time_ms},
                                 {"destroyed", Json::Array(statement.keys.begin(), statement.keys.end())},
                                 {"auditHead", statement.audit_head}});
}

DestructionStatement verified_destruction(std::string_view jws, std::string_view ca, std::string_view name) {
  const std::string where(name);
  const Jws read = Jws::parse(jws, name);
  if (const std::string& got = wire::text_member(read.header, "typ", where + ": header"); got != type)
    throw base::Error(base::Kind::malformed, where + ": header: typ: got '" + got + "', wanted " + type);
  if (const std::string& got = wire::text_member(read.header, "alg", where + ": header"); got != "ES256")
    throw base::Error(base::Kind::malformed, where + ": header: alg: got '" + got + "', wanted ES256");
  DestructionStatement statement = statement_of(read.payload, where + ": payload");
  const base::X509Certificate signer = signers_certificate(read.header, where + ": header");
  base::ChainRequest request{.roots = base::parse_x509(base::bytes_of(ca), "the tenant's CA").certificates,
                             .time = statement.time_ms / 1000};
  const base::ChainVerdict verdict = base::verify_chain(signer, request);
  if (!verdict.good()) refuse(name, "signer: " + verdict.findings.front().text);
  if (signer.common_name() != token_key_name(statement.tenant))
    refuse(name, "signer: got a certificate for '" + signer.common_name() + "', wanted '" +
                     token_key_name(statement.tenant) + "'");
  if (!signer.public_key().verifies_es256(base::bytes_of(read.message), read.signature))
    refuse(name, "the signature is not over this text, or another key's");
  return statement;
}

}  // namespace attestation
