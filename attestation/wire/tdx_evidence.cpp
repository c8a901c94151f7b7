#include "attestation/wire/tdx_evidence.h"

#include "attestation/wire/json_members.h"
#include "base/encoding.h"

namespace attestation::wire {
namespace {

constexpr std::string_view where = "tdx evidence";
constexpr std::size_t quote_limit = 1U << 16U;
constexpr std::size_t event_log_limit = 1U << 20U;

}  // namespace

TdxEvidence TdxEvidence::parse(const base::Json& json) {
  TdxEvidence evidence{base64_member(json, "quote", where, quote_limit), std::nullopt};
  const base::Json* const log = json.find("cc_eventlog");
  if (log != nullptr && !log->is_null())
    evidence.event_log = base64_member(json, "cc_eventlog", where, event_log_limit);
  return evidence;
}

base::Json TdxEvidence::json() const {
  return base::Json::Object{{"quote", base::base64(quote)},
                            {"cc_eventlog", event_log ? base::Json(base::base64(*event_log)) : base::Json()}};
}

}  // namespace attestation::wire
