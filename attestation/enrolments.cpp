#include "attestation/enrolments.h"

#include <set>

#include "attestation/guest_name.h"
#include "attestation/wire/json_members.h"
#include "base/encoding.h"
#include "base/error.h"

namespace attestation {
namespace {

using base::Json;

constexpr const char* schema = "bulkhead.enrolments/v1";
constexpr std::size_t largest_key = 4096;

[[noreturn]] void fail(const std::string& why) {
  throw base::Error(base::Kind::malformed, why);
}

}  // namespace

std::string Enrolments::text() const {
  Json::Array guests;
  for (const auto& [guest, key] : keys)
    guests.push_back(Json::Object{{"guest", guest}, {"akPublic", base::base64(key)}});
  return Json(Json::Object{{"schema", schema}, {"tenant", tenant}, {"guests", std::move(guests)}}).pretty();
}

Enrolments Enrolments::parse(std::string_view text, std::string_view name) {
  const std::string where(name);
  const Json document = wire::parse_message(text, {"schema", "tenant", "guests"}, name);
  if (const std::string& got = wire::text_member(document, "schema", name); got != schema)
    fail(where + ": schema: got '" + got + "', wanted " + schema);
  Enrolments enrolments{wire::text_member(document, "tenant", name), {}};
  const Json* const guests = document.find("guests");
  if (guests == nullptr || !guests->is_array() || guests->array().empty())
    fail(where + ": guests: wanted a list of at least one");
  std::set<base::Buffer> keys;
  for (const Json& item : guests->array()) {
    base::expect_members(item, {"guest", "akPublic"}, where + ": guests");
    const std::string& guest = wire::text_member(item, "guest", where + ": guests");
    if (!is_guest_name(guest)) fail(where + ": guests: got '" + guest + "', wanted one such as worker/0");
    base::Buffer key = wire::base64_member(item, "akPublic", where + ": " + guest, largest_key);
    if (!keys.insert(key).second) fail(where + ": " + guest + ": akPublic: another guest has it too");
    if (!enrolments.keys.emplace(guest, std::move(key)).second) fail(where + ": " + guest + ": listed twice");
  }
  return enrolments;
}

}  // namespace attestation
