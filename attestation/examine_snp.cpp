#include <algorithm>

#include "attestation/appraise_snp.h"
#include "attestation/examination.h"
#include "attestation/release_rules.h"
#include "attestation/verify_snp.h"
#include "attestation/wire/snp_evidence.h"
#include "base/error.h"

namespace attestation {
namespace {

using Problems = std::vector<std::string>;

/// The approved guest whose initdata the guest was started with: HOST_DATA is the hardware's word for who it is.
const ApprovedGuest* guest_of(const measurement::SnpReport& report, const Approval& approval) {
  const auto found = std::find_if(approval.guests.begin(), approval.guests.end(), [&](const ApprovedGuest& guest) {
    const auto* values = std::get_if<measurement::SnpReferenceValues>(&guest.reference_values);
    return values != nullptr && values->host_data == report.host_data;
  });
  return found == approval.guests.end() ? nullptr : &*found;
}

SnpVerdict verified(const wire::SnpEvidence& evidence, const wire::AttestRequest& attestation,
                    const ExaminationContext& context) {
  const base::X509Objects& kept = context.collateral->snp;
  VekContext judged{context.collateral->snp_anchors, evidence.brought.certificates, kept.revocation_lists, context.now};
  judged.others.insert(judged.others.end(), kept.certificates.begin(), kept.certificates.end());
  const std::vector<base::X509RevocationList>& brought = evidence.brought.revocation_lists;
  judged.revocation_lists.insert(judged.revocation_lists.end(), brought.begin(), brought.end());
  // With AMD's lists at hand, a chain that they do not cover is not genuine.
  if (!kept.revocation_lists.empty()) judged.demand = base::RevocationDemand::intermediates;
  SnpExpectation expected;
  const base::Sha384 digest = wire::runtime_data_digest(attestation.runtime_data, attestation.additional_evidence);
  std::ranges::copy(digest.bytes, expected.report_data.emplace().begin());
  return verify_snp(evidence.report, judged.others, judged, expected);
}

base::Json registers_json(const measurement::SnpReport& report) {
  return base::Json::Object{
      {"snp", base::Json::Object{{"measurement", report.measurement.hex()}, {"hostData", report.host_data.hex()}}}};
}

/// The members and spellings of Trustee's claims, and what it leaves out.
base::Json claims_of(const measurement::SnpReport& report, std::optional<SnpProduct> product) {
  base::Json::Object claims{{"measurement", report.measurement.hex()},
                            {"init_data", report.host_data.hex()},
                            {"chip_id", base::hex(report.chip_id)},
                            {"policy_debug_allowed", (report.policy >> 19U & 1U) != 0},
                            {"policy_migrate_ma", (report.policy >> 18U & 1U) != 0},
                            {"policy_smt_allowed", (report.policy >> 16U & 1U) != 0},
                            {"platform_smt_enabled", (report.platform_info & 1U) != 0},
                            {"vmpl", report.vmpl},
                            {"guest_svn", report.guest_svn},
                            {"id_key_digest", report.id_key_digest.hex()},
                            {"author_key_digest", report.author_key_digest.hex()}};
  if (product) claims["reported_tcb"] = tcb_json(split_tcb(report.reported_tcb, *product));
  return base::Json::Object{{"snp", std::move(claims)}};
}

void compare_document(const wire::AttestRequest& attestation, const measurement::SnpReport& report,
                      Problems& problems) {
  if (!attestation.init_data) return;
  const base::Sha256 sent = base::sha256(base::bytes_of(attestation.init_data->body));
  if (sent == report.host_data) return;
  problems.push_back("initdata: wanted SHA-256 " + report.host_data.hex() + " (HOST_DATA), got " + sent.hex());
}

}  // namespace

Examination examine_snp(const wire::AttestRequest& attestation, const ExaminationContext& context) {
  const wire::SnpEvidence evidence = wire::SnpEvidence::parse(attestation.primary_evidence);
  Examination found;
  if (has_devices(attestation)) {
    found.problems = {"additional evidence: none is wanted"};
    return found;
  }
  const SnpVerdict verdict = verified(evidence, attestation, context);
  const measurement::SnpReport& report = verdict.report;
  found.registers = registers_json(report);
  if (!verdict.genuine()) {
    found.problems = failed_checks(verdict.checks);
    return found;
  }
  if (const auto obstacle = approval_obstacle(context, "snp")) {
    found.problems = {*obstacle};
    return found;
  }
  const ApprovedGuest* approved = guest_of(report, *context.approval);
  if (approved == nullptr) {
    found.problems = {"no approved guest has HOST_DATA " + report.host_data.hex()};
  } else {
    found.guest = approved->guest;
    // Anybody can start a guest with this HOST_DATA: only with its measurement too is it the guest itself.
    found.authentic = value_problems(quoted_values(report), approved_values(*approved)).empty();
    found.problems = snp_problems(report, verdict.product, *approved);
    compare_document(attestation, report, found.problems);
    found.measurement = measurement_of(quoted_values(report), *approved);
  }
  if (!found.problems.empty()) {
    if (const auto nearest = nearest_match(quoted_values(report), *context.approval)) {
      found.problems.push_back(*nearest);
    }
  }
  found.life.id = "snp " + base::hex(report.report_id);
  found.facts = revocable_facts(report, verdict.product, found.guest);
  found.init_data = report.host_data.hex();
  found.claims = claims_of(report, verdict.product);
  return found;
}

}  // namespace attestation
