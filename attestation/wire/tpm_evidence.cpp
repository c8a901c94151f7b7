#include "attestation/wire/tpm_evidence.h"

#include "attestation/wire/json_members.h"
#include "base/error.h"

namespace attestation::wire {
namespace {

constexpr std::size_t pcr_count = 24;
constexpr std::size_t key_limit = 4096;
constexpr std::size_t quote_limit = 4096;
constexpr std::size_t event_log_limit = 1U << 20U;

base::Buffer pcr_value(const base::Json& json, std::size_t index, std::size_t size, const std::string& where) {
  std::optional<base::Buffer> value;
  if (json.is_string()) value = base::from_hex(json.text());
  if (!value || value->size() != size) {
    throw base::Error(base::Kind::malformed, where + ": pcrs: entry " + std::to_string(index) + ": wanted " +
                                                 std::to_string(2 * size) + " hexadecimal digits");
  }
  return std::move(*value);
}

TpmQuote parse_quote(const base::Json& json, std::size_t pcr_size, const std::string& where) {
  base::expect_members(json, {"signature", "message", "pcrs"}, where);
  TpmQuote quote{
      base64_member(json, "signature", where, quote_limit), base64_member(json, "message", where, quote_limit), {}};
  const base::Json* pcrs = json.find("pcrs");
  if (pcrs == nullptr || !pcrs->is_array() || pcrs->array().size() != pcr_count) {
    throw base::Error(base::Kind::malformed, where + ": pcrs: wanted an array of 24 values");
  }
  for (std::size_t i = 0; i < pcr_count; ++i) {
    quote.pcrs.push_back(pcr_value(pcrs->array()[i], i, pcr_size, where));
  }
  return quote;
}

base::Json quote_json(const TpmQuote& quote) {
  base::Json::Array pcrs;
  for (const base::Buffer& value : quote.pcrs) pcrs.emplace_back(base::hex(value));
  return base::Json::Object{{"signature", base::base64(quote.signature)},
                            {"message", base::base64(quote.message)},
                            {"pcrs", std::move(pcrs)}};
}

BulkheadEvidence parse_bulkhead(const base::Json& json) {
  const std::string where = "tpm evidence: bulkhead";
  base::expect_members(json, {"guest", "event_log", "sha384_quote"}, where);
  return {text_member(json, "guest", where), base64_member(json, "event_log", where, event_log_limit),
          parse_quote(object_member(json, "sha384_quote", where), base::Sha384::size, where + ": sha384_quote")};
}

}  // namespace

TpmEvidence TpmEvidence::parse(const base::Json& json) {
  const std::string where = "tpm evidence";
  if (!json.is_object()) throw base::Error(base::Kind::malformed, where + ": wanted an object");
  base::expect_members(json, {"ak_public", "tpm_quote", "bulkhead"}, where);
  TpmEvidence evidence{base64_member(json, "ak_public", where, key_limit),
                       parse_quote(object_member(json, "tpm_quote", where), base::Sha256::size, where + ": tpm_quote"),
                       std::nullopt};
  if (json.find("bulkhead") != nullptr) evidence.bulkhead = parse_bulkhead(object_member(json, "bulkhead", where));
  return evidence;
}

base::Json TpmEvidence::json() const {
  base::Json json = base::Json::Object{{"ak_public", base::base64(ak_public)}, {"tpm_quote", quote_json(quote)}};
  if (bulkhead) {
    json["bulkhead"] = base::Json::Object{{"guest", bulkhead->guest},
                                          {"event_log", base::base64(bulkhead->event_log)},
                                          {"sha384_quote", quote_json(bulkhead->sha384_quote)}};
  }
  return json;
}

}  // namespace attestation::wire
