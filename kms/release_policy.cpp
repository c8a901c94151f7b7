#include "kms/release_policy.h"

#include "base/encoding.h"
#include "base/error.h"

namespace kms {
namespace {

constexpr std::int64_t guests_of_a_pool = 10000;

[[noreturn]] void malformed(std::string_view name, const std::string& what) {
  throw base::Error(base::Kind::malformed, std::string(name) + ": " + what);
}

bool is_measurement(const std::string& text) {
  return (text.size() == 64 || text.size() == 96) && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

base::Pool parse_pool(const std::string& text, std::string_view name) {
  for (const base::Pool pool : {base::Pool::control, base::Pool::worker})
    if (text == base::name_of(pool)) return pool;
  malformed(name, "pool: got '" + text + "', wanted control or worker");
}

}  // namespace

std::vector<std::string> refusals(const ReleasePolicy& policy, const Requester& requester) {
  std::vector<std::string> reasons;
  const auto differ = [&](const char* field, const std::string& got, const std::string& wanted) {
    if (got != wanted) reasons.push_back(std::string(field) + ": got " + got + ", wanted " + wanted);
  };
  differ("tenant", requester.guest.tenant.name, policy.tenant.name);
  differ("pool", base::name_of(requester.guest.pool), base::name_of(policy.pool));
  if (policy.guest) differ("guest", std::to_string(requester.guest.index), std::to_string(*policy.guest));
  if (!policy.measurements.contains(requester.measurement))
    reasons.push_back("measurement: got " + requester.measurement + ", wanted one of " +
                      std::to_string(policy.measurements.size()) + " approved");
  return reasons;
}

base::Json to_json(const ReleasePolicy& policy) {
  base::Json::Array measurements(policy.measurements.begin(), policy.measurements.end());
  return base::Json::Object{{"tenant", policy.tenant.name},
                            {"pool", base::name_of(policy.pool)},
                            {"guest", policy.guest ? base::Json(*policy.guest) : base::Json()},
                            {"measurements", std::move(measurements)}};
}

ReleasePolicy parse_release_policy(const base::Json& json, std::string_view name) {
  base::expect_members(json, {"tenant", "pool", "guest", "measurements"}, name);
  ReleasePolicy policy;
  policy.tenant = {json.at("tenant").text()};
  policy.pool = parse_pool(json.at("pool").text(), name);
  if (const base::Json& guest = json.at("guest"); !guest.is_null()) {
    if (guest.integer() < 0 || guest.integer() >= guests_of_a_pool)
      malformed(name, "guest: got " + std::to_string(guest.integer()) + ", wanted 0 to 9999");
    policy.guest = static_cast<unsigned>(guest.integer());
  }
  for (const base::Json& measurement : json.at("measurements").array()) {
    if (!is_measurement(measurement.text()))
      malformed(name, "measurements: got '" + measurement.text() + "', wanted 64 or 96 lower-case hex digits");
    if (!policy.measurements.insert(measurement.text()).second)
      malformed(name, "measurements: " + measurement.text() + " is there twice");
  }
  return policy;
}

}  // namespace kms
