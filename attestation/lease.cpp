#include "attestation/lease.h"

#include "base/error.h"

namespace attestation {
namespace {

using base::Json;

/// The sign of the difference of two counts modulo 2^32.
std::int32_t difference(std::uint32_t later, std::uint32_t earlier) {
  return static_cast<std::int32_t>(later - earlier);
}

bool is_later(const Life::Counter& one, const Life::Counter& other) {
  const std::int32_t resets = difference(one.resets, other.resets);
  return resets > 0 || (resets == 0 && difference(one.restarts, other.restarts) > 0);
}

Json counter_json(const std::optional<Life::Counter>& counter) {
  if (!counter) return {};
  return Json::Object{{"resets", counter->resets}, {"restarts", counter->restarts}};
}

std::optional<Life::Counter> parse_counter(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return Life::Counter{static_cast<std::uint32_t>(json.at("resets").integer()),
                       static_cast<std::uint32_t>(json.at("restarts").integer())};
}

}  // namespace

Life Life::of_tpm(const Counter& counter, std::uint64_t clock) {
  return {"tpm " + std::to_string(counter.resets) + "." + std::to_string(counter.restarts), counter, clock};
}

Lease Lease::parse(const Json& json) {
  base::expect_members(json, {"boot", "life", "counter", "clock", "facts", "since", "renewed", "until", "ended"},
                       "lease");
  return {json.at("boot").integer(),
          {json.at("life").text(), parse_counter(json.at("counter")),
           static_cast<std::uint64_t>(json.at("clock").integer())},
          RevocableFacts::parse(json.at("facts")),
          json.at("since").integer(),
          json.at("renewed").integer(),
          json.at("until").integer(),
          json.at("ended").text()};
}

Json Lease::json() const {
  return Json::Object{{"boot", boot},
                      {"life", life.id},
                      {"counter", counter_json(life.counter)},
                      {"clock", static_cast<std::int64_t>(life.clock)},
                      {"facts", facts.json()},
                      {"since", since_ms},
                      {"renewed", renewed_ms},
                      {"until", until_ms},
                      {"ended", ended}};
}

std::optional<std::string> lease_problem(const std::optional<Lease>& earlier, const Life& life, std::int64_t now_ms) {
  if (!earlier || earlier->life.id.empty()) return std::nullopt;
  const std::string boot = std::to_string(earlier->boot);
  if (life.id == earlier->life.id) {
    if (life.clock >= earlier->life.clock) return std::nullopt;
    return "a copy of this guest: the TPM's clock of boot " + boot + " was at " + std::to_string(earlier->life.clock) +
           " ms before, now at " + std::to_string(life.clock);
  }
  if (life.counter && earlier->life.counter) {
    if (is_later(*life.counter, *earlier->life.counter)) return std::nullopt;
    return "a copy or an earlier boot of this guest: " + life.id + ", its boot " + boot + " was " + earlier->life.id;
  }
  if (!earlier->holds(now_ms)) return std::nullopt;
  return "another life of this guest holds its lease (boot " + boot + ") for " +
         std::to_string((earlier->until_ms - now_ms + 999) / 1000) + " more seconds";
}

Lease next_lease(const std::optional<Lease>& earlier, const Life& life, const RevocableFacts& facts,
                 std::int64_t now_ms) {
  const bool same = earlier && earlier->life.id == life.id;
  Lease lease{1, life, facts, now_ms, now_ms, now_ms + 1000 * lease_seconds, ""};
  if (same) lease.since_ms = earlier->since_ms;
  if (earlier) lease.boot = earlier->boot + (same ? 0 : 1);
  return lease;
}

}  // namespace attestation
