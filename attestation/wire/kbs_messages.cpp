#include "attestation/wire/kbs_messages.h"

#include "attestation/wire/json_members.h"
#include "base/error.h"

namespace attestation::wire {
namespace {

using base::Json;

base::Json extra_params_of(const Json& message) {
  const Json* found = message.find("extra-params");
  return found == nullptr ? Json("") : *found;
}

std::optional<InitData> parse_init_data(const Json& message) {
  const Json* found = message.find("init-data");
  if (found == nullptr || found->is_null()) return std::nullopt;
  const std::string where = "attestation: init-data";
  if (!found->is_object()) throw base::Error(base::Kind::malformed, where + ": wanted an object or null");
  return InitData{text_member(*found, "format", where), text_member(*found, "body", where)};
}

RuntimeData parse_runtime_data(const Json& message) {
  const Json& data = object_member(message, "runtime-data", "attestation");
  const std::string where = "attestation: runtime-data";
  return {text_member(data, "nonce", where),
          parse_tee_key(object_member(data, "tee-pubkey", where), where + ": tee-pubkey")};
}

}  // namespace

AuthRequest AuthRequest::parse(std::string_view text) {
  const Json message = parse_object(text, "request");
  return {text_member(message, "version", "request"), text_member(message, "tee", "request"), extra_params_of(message)};
}

std::string AuthRequest::text() const {
  return Json(Json::Object{{"version", version}, {"tee", tee}, {"extra-params", extra_params}}).compact();
}

Challenge Challenge::parse(std::string_view text) {
  const Json message = parse_object(text, "challenge");
  return {text_member(message, "nonce", "challenge"), extra_params_of(message)};
}

std::string Challenge::text() const {
  return Json(Json::Object{{"nonce", nonce}, {"extra-params", extra_params}}).compact();
}

Json RuntimeData::json() const {
  return Json::Object{{"nonce", nonce}, {"tee-pubkey", tee_key_json(tee_public_key)}};
}

AttestRequest AttestRequest::parse(std::string_view text) {
  const Json message = parse_object(text, "attestation");
  const Json& evidence = object_member(message, "tee-evidence", "attestation");
  const std::string where = "attestation: tee-evidence";
  return {parse_init_data(message), parse_runtime_data(message), object_member(evidence, "primary_evidence", where),
          text_member(evidence, "additional_evidence", where)};
}

std::string AttestRequest::text() const {
  Json init;
  if (init_data) init = Json::Object{{"format", init_data->format}, {"body", init_data->body}};
  const Json evidence =
      Json::Object{{"primary_evidence", primary_evidence}, {"additional_evidence", additional_evidence}};
  return Json(Json::Object{{"init-data", init}, {"runtime-data", runtime_data.json()}, {"tee-evidence", evidence}})
      .compact();
}

std::string canonical_runtime_data(const RuntimeData& data, std::string_view additional_evidence) {
  Json json = data.json();
  json["additional-evidence"] = additional_evidence;
  return json.compact();
}

base::Sha384 runtime_data_digest(const RuntimeData& data, std::string_view additional_evidence) {
  return base::sha384(base::bytes_of(canonical_runtime_data(data, additional_evidence)));
}

base::Buffer tpm_report_data(const base::Sha384& digest) {
  return {digest.bytes.begin(), digest.bytes.begin() + 32};
}

TokenResponse TokenResponse::parse(std::string_view text) {
  return {text_member(parse_object(text, "token response"), "token", "token response")};
}

std::string TokenResponse::text() const {
  return Json(Json::Object{{"token", token}}).compact();
}

ErrorInformation ErrorInformation::named(std::string_view name, std::string detail) {
  return {"https://github.com/confidential-containers/kbs/errors/" + std::string(name), std::move(detail)};
}

ErrorInformation ErrorInformation::parse(std::string_view text) {
  const Json message = parse_object(text, "error");
  return {text_member(message, "type", "error"), text_member(message, "detail", "error")};
}

std::string ErrorInformation::text() const {
  return Json(Json::Object{{"type", type}, {"detail", detail}}).compact();
}

}  // namespace attestation::wire
