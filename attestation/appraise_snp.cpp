#include "attestation/appraise_snp.h"

#include <algorithm>

namespace attestation {
namespace {

using Problems = std::vector<std::string>;
using measurement::SnpReport;

/// Bits of POLICY. Source: AMD 56860, table 9
constexpr std::uint64_t abi_bits = 0xffff;
constexpr std::uint64_t smt_allowed = 1ULL << 16U;
constexpr std::uint64_t migration_allowed = 1ULL << 18U;
constexpr std::uint64_t debug_allowed = 1ULL << 19U;
/// Bit 0 of PLATFORM_INFO: SMT_EN.
constexpr std::uint64_t platform_smt = 1;

std::string hex_policy(std::uint64_t policy) {
  return base::hex_number(policy);
}

void check_policy(std::uint64_t got, const measurement::SnpReferenceValues& values, const HardwarePolicy& allowed,
                  Problems& problems) {
  if ((got & ~abi_bits) != (values.policy & ~abi_bits) || (got & abi_bits) < (values.policy & abi_bits)) {
    problems.push_back("guest policy: wanted " + hex_policy(values.policy) + ", got " + hex_policy(got));
  }
  if ((got & debug_allowed) != 0 && !allowed.debug) {
    problems.push_back("guest policy: DEBUG: wanted off, got " + hex_policy(got));
  }
  if ((got & migration_allowed) != 0 && !allowed.migration) {
    problems.push_back("guest policy: MIGRATE_MA: wanted off, got " + hex_policy(got));
  }
  if ((got & smt_allowed) != 0 && !allowed.smt) {
    problems.push_back("guest policy: SMT: wanted off, got " + hex_policy(got));
  }
}

void check_word(const char* name, base::Bytes got, base::Bytes wanted, bool approved, Problems& problems) {
  if (std::ranges::equal(got, wanted)) return;
  problems.push_back(std::string(name) + ": wanted " + (approved ? base::hex(wanted) : "zeros (no ID block approved)") +
                     ", got " + base::hex(got));
}

/// What only the ID block of the launch decides; all zeros without one.
void check_id_block(const SnpReport& report, const std::optional<measurement::SnpIdentity>& identity,
                    Problems& problems) {
  const measurement::SnpIdentity wanted = identity.value_or(measurement::SnpIdentity{});
  const base::Sha384 author = wanted.author_key_digest.value_or(base::Sha384{});
  const bool approved = identity.has_value();
  check_word("ID key digest", report.id_key_digest.view(), wanted.id_key_digest.view(), approved, problems);
  check_word("author key digest", report.author_key_digest.view(), author.view(), approved, problems);
  check_word("family ID", report.family_id, wanted.family_id, approved, problems);
  check_word("image ID", report.image_id, wanted.image_id, approved, problems);
}

void check_level(const std::string& where, std::uint8_t got, const std::optional<std::uint8_t>& least,
                 Problems& problems) {
  if (!least || got >= *least) return;
  problems.push_back(where + ": wanted at least " + std::to_string(*least) + ", got " + std::to_string(got));
}

void check_tcb(const std::string& which, std::uint64_t raw, SnpProduct product, const LeastSnpTcb& least,
               Problems& problems) {
  const SnpTcb tcb = split_tcb(raw, product);
  check_level(which + " TCB: fmc", tcb.fmc.value_or(0), least.fmc, problems);
  check_level(which + " TCB: bootloader", tcb.bootloader, least.bootloader, problems);
  check_level(which + " TCB: tee", tcb.tee, least.tee, problems);
  check_level(which + " TCB: snp", tcb.snp, least.snp, problems);
  check_level(which + " TCB: microcode", tcb.microcode, least.microcode, problems);
}

std::string product_key(SnpProduct product) {
  std::string name(product_name(product));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return name;
}

void check_all_tcbs(const SnpReport& report, std::optional<SnpProduct> product, const HardwarePolicy& policy,
                    Problems& problems) {
  if (!policy.provisional_firmware && report.committed_tcb != report.current_tcb) {
    problems.push_back("firmware: wanted committed, got current TCB " + base::hex_number(report.current_tcb) +
                       ", committed " + base::hex_number(report.committed_tcb));
  }
  if (policy.minimum_tcb.empty()) return;
  const auto least = product ? policy.minimum_tcb.find(product_key(*product)) : policy.minimum_tcb.end();
  if (least == policy.minimum_tcb.end()) {
    problems.push_back("TCB: the approval has no minimum for " +
                       (product ? std::string(product_name(*product)) : "an unknown product"));
    return;
  }
  check_tcb("reported", report.reported_tcb, *product, least->second, problems);
  check_tcb("committed", report.committed_tcb, *product, least->second, problems);
  check_tcb("launch", report.launch_tcb, *product, least->second, problems);
}

std::string chip_of(const SnpReport& report, std::optional<SnpProduct> product) {
  const bool short_id = product == SnpProduct::turin || product == SnpProduct::venice;
  return base::hex(base::Bytes(report.chip_id).first(short_id ? 8 : 64));
}

void check_chip(const SnpReport& report, std::optional<SnpProduct> product, const HardwarePolicy& policy,
                Problems& problems) {
  if (policy.chips.empty() || policy.chips.contains(chip_of(report, product))) return;
  problems.push_back("chip: wanted one of " + std::to_string(policy.chips.size()) + " allowed ones, got " +
                     chip_of(report, product));
}

}  // namespace

QuotedValues quoted_values(const SnpReport& report) {
  return {{"measurement", report.measurement.hex()}, {"HOST_DATA", report.host_data.hex()}};
}

Problems snp_problems(const SnpReport& report, std::optional<SnpProduct> product, const ApprovedGuest& approved) {
  const auto* values = std::get_if<measurement::SnpReferenceValues>(&approved.reference_values);
  if (values == nullptr) return {"the approval has no snp reference values for " + approved.guest};
  const HardwarePolicy& policy = approved.hardware;
  Problems problems = value_problems(quoted_values(report), approved_values(approved));
  check_policy(report.policy, *values, policy, problems);
  if (report.guest_svn < values->guest_svn) {
    problems.push_back("guest SVN: wanted at least " + std::to_string(values->guest_svn) + ", got " +
                       std::to_string(report.guest_svn));
  }
  if (report.vmpl != policy.vmpl) {
    problems.push_back("VMPL: wanted " + std::to_string(policy.vmpl) + ", got " + std::to_string(report.vmpl));
  }
  check_id_block(report, values->identity, problems);
  if ((report.platform_info & platform_smt) != 0 && !policy.smt) {
    problems.push_back("SMT: wanted off, got PLATFORM_INFO " + base::hex_number(report.platform_info));
  }
  check_all_tcbs(report, product, policy, problems);
  check_chip(report, product, policy, problems);
  return problems;
}

RevocableFacts revocable_facts(const SnpReport& report, std::optional<SnpProduct> product, const std::string& guest) {
  RevocableFacts facts{guest, {report.measurement.hex()}, {}};
  const auto masked = [](std::uint8_t byte) { return byte == 0; };
  if (!std::all_of(report.chip_id.begin(), report.chip_id.end(), masked)) {
    facts.chips.insert(chip_of(report, product));
  }
  return facts;
}

}  // namespace attestation
