#include "attestation/appraise_tdx.h"

#include <algorithm>

#include "base/error.h"
#include "measurement/tcg_log.h"

namespace attestation {
namespace {

using Problems = std::vector<std::string>;

/// Bits of ATTRIBUTES. Source: Intel TDX Module ABI 1.5, ATTRIBUTES
constexpr std::uint64_t debug = 1;
constexpr std::uint64_t sept_ve_disable = 1ULL << 28U;
constexpr std::uint64_t migratable = 1ULL << 29U;
constexpr std::uint64_t protection_keys = 1ULL << 30U;
constexpr std::uint64_t performance_counters = 1ULL << 63U;
constexpr std::uint64_t known_bits = debug | sept_ve_disable | migratable | protection_keys | performance_counters;

void check_attributes(std::uint64_t attributes, const HardwarePolicy& policy, Problems& problems) {
  const std::string got = ", got ATTRIBUTES " + base::hex_number(attributes);
  if ((attributes & debug) != 0 && !policy.debug) problems.push_back("DEBUG: wanted off" + got);
  if ((attributes & migratable) != 0 && !policy.migration) problems.push_back("MIGRATABLE: wanted off" + got);
  if ((attributes & sept_ve_disable) == 0) problems.push_back("SEPT_VE_DISABLE: wanted on" + got);
  if ((attributes & ~known_bits) != 0) {
    problems.push_back("attributes nobody approved: " + base::hex_number(attributes & ~known_bits) + got);
  }
}

void check_owner(const char* name, const base::Sha384& got, const std::optional<base::Sha384>& wanted,
                 Problems& problems) {
  const base::Sha384 digest = wanted.value_or(base::Sha384{});
  if (got == digest) return;
  problems.push_back(std::string(name) + ": wanted " + (wanted ? digest.hex() : "zeros") + ", got " + got.hex());
}

std::set<std::string> ids_of(const std::optional<PckExtension>& platform) {
  std::set<std::string> ids;
  if (!platform) return ids;
  ids.insert(base::hex(platform->ppid));
  if (platform->platform_instance_id) ids.insert(base::hex(*platform->platform_instance_id));
  return ids;
}

/// Certificates of the Processor CA do not say how their platform is configured.
void check_smt(const std::optional<PckExtension>& platform, Problems& problems) {
  const std::optional<bool> on =
      platform && platform->configuration ? platform->configuration->smt_enabled : std::nullopt;
  if (on.value_or(true)) problems.push_back(std::string("SMT: wanted off, got ") + (on ? "on" : "unknown"));
}

void check_platform(const TdxPlatformStanding& platform, const HardwarePolicy& policy, Problems& problems) {
  const std::set<std::string> ids = ids_of(platform.facts);
  const auto allowed = [&](const std::string& id) { return policy.chips.contains(id); };
  if (!policy.chips.empty() && std::none_of(ids.begin(), ids.end(), allowed)) {
    problems.push_back("platform: wanted one of " + std::to_string(policy.chips.size()) + " allowed ones, got PPID " +
                       (ids.empty() ? "none" : base::hex(platform.facts->ppid)));
  }
  const std::string status = platform.tcb ? std::string(name_of(platform.tcb->status)) : "unknown";
  if (!policy.tcb_statuses.contains(status)) {
    std::string text = "TCB status: wanted";
    for (const std::string& one : policy.tcb_statuses) text += " " + one;
    text += ", got " + status;
    if (platform.tcb) {
      for (const std::string& advisory : platform.tcb->advisories) text += " " + advisory;
    }
    problems.push_back(text);
  }
  if (!policy.smt) check_smt(platform.facts, problems);
}

}  // namespace

QuotedValues quoted_values(const measurement::TdRegisters& td) {
  return {{"MRTD", td.mrtd.hex()},
          {"MRCONFIGID", td.mr_config_id.hex()},
          {"RTMR0", td.rtmr[0].hex()},
          {"RTMR1", td.rtmr[1].hex()},
          {"RTMR2", td.rtmr[2].hex()}};
}

Problems tdx_problems(const measurement::TdQuote& quote, const TdxPlatformStanding& platform,
                      const ApprovedGuest& approved) {
  if (!std::holds_alternative<measurement::TdxReferenceValues>(approved.reference_values)) {
    return {"the approval has no tdx reference values for " + approved.guest};
  }
  const HardwarePolicy& policy = approved.hardware;
  Problems problems = value_problems(quoted_values(quote.td), approved_values(approved));
  check_owner("MROWNER", quote.td.mr_owner, policy.mr_owner, problems);
  check_owner("MROWNERCONFIG", quote.td.mr_owner_config, policy.mr_owner_config, problems);
  if (quote.later && quote.later->mr_service_td != base::Sha384{} && !policy.migration) {
    problems.push_back("MRSERVICETD: wanted zeros, got " + quote.later->mr_service_td.hex());
  }
  check_attributes(quote.td.attributes, policy, problems);
  check_platform(platform, policy, problems);
  return problems;
}

Problems cc_event_log_problems(base::Bytes log, const measurement::TdRegisters& td,
                               const measurement::TdxReferenceValues& approved) {
  try {
    const measurement::EventLog parsed = measurement::parse_event_log(log);
    const auto replayed = measurement::replay(parsed).sha384;
    for (unsigned index = 0; index < td.rtmr.size(); ++index) {
      const auto found = replayed.find(index + 1);
      const base::Sha384 value = found == replayed.end() ? base::Sha384{} : found->second;
      if (value != td.rtmr.at(index)) {
        return {"event log: replays to RTMR" + std::to_string(index) + " " + value.hex() + ", quoted " +
                td.rtmr.at(index).hex()};
      }
    }
    const auto difference = measurement::first_difference(approved.events, parsed, {1, 2, 3});
    if (difference) return {"event log: " + difference->text};
    return {};
  } catch (const base::Error& problem) {
    return {std::string("event log: ") + problem.what()};
  }
}

RevocableFacts revocable_facts(const measurement::TdRegisters& td, const std::optional<PckExtension>& platform,
                               const std::string& guest) {
  RevocableFacts facts{guest, {td.mrtd.hex()}, ids_of(platform)};
  for (const base::Sha384& value : td.rtmr) facts.images.insert(value.hex());
  return facts;
}

}  // namespace attestation
