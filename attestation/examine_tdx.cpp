#include <algorithm>

#include "attestation/appraise_tdx.h"
#include "attestation/examination.h"
#include "attestation/release_rules.h"
#include "attestation/wire/tdx_evidence.h"
#include "base/error.h"

namespace attestation {
namespace {

using Problems = std::vector<std::string>;

/// The approved guest whose initdata the TD was started with: MRCONFIGID is the hardware's word for who it is.
const ApprovedGuest* guest_of(const measurement::TdRegisters& td, const Approval& approval) {
  const auto found = std::find_if(approval.guests.begin(), approval.guests.end(), [&](const ApprovedGuest& guest) {
    const auto* values = std::get_if<measurement::TdxReferenceValues>(&guest.reference_values);
    return values != nullptr && values->mr_config_id.bytes == td.mr_config_id.bytes;
  });
  return found == approval.guests.end() ? nullptr : &*found;
}

base::Json registers_json(const measurement::TdRegisters& td) {
  base::Json::Object registers;
  for (const auto& [name, value] : quoted_values(td)) registers[name] = value;
  registers["RTMR3"] = td.rtmr[3].hex();
  return base::Json::Object{{"tdx", std::move(registers)}};
}

Problems approval_problems_of(const measurement::TdQuote& quote, const TdxPlatformStanding& platform,
                              const wire::AttestRequest& attestation, const wire::TdxEvidence& evidence,
                              const ApprovedGuest& approved) {
  Problems problems = tdx_problems(quote, platform, approved);
  if (attestation.init_data) {
    const std::string sent = base::sha384(base::bytes_of(attestation.init_data->body)).hex();
    if (sent != quote.td.mr_config_id.hex()) {
      problems.push_back("initdata: wanted SHA-384 " + quote.td.mr_config_id.hex() + " (MRCONFIGID), got " + sent);
    }
  }
  if (!problems.empty() && evidence.event_log) {
    const auto& values = std::get<measurement::TdxReferenceValues>(approved.reference_values);
    for (std::string& one : cc_event_log_problems(*evidence.event_log, quote.td, values)) {
      problems.push_back(std::move(one));
    }
  }
  return problems;
}

EvaluationNumbers evaluation_numbers_of(const JudgedPlatform& platform) {
  EvaluationNumbers evaluation_numbers;
  for (const UsedDocument& document : platform.documents) {
    const bool of_platform = document.name == "tcbInfo" && platform.facts;
    evaluation_numbers[of_platform ? "tcbInfo " + base::hex(platform.facts->fmspc) : document.name] =
        document.edition.evaluation_number;
  }
  return evaluation_numbers;
}

}  // namespace

Examination examine_tdx(const wire::AttestRequest& attestation, const ExaminationContext& context) {
  const wire::TdxEvidence evidence = wire::TdxEvidence::parse(attestation.primary_evidence);
  const measurement::TdQuote quote = measurement::parse_td_quote(evidence.quote);
  Examination found;
  found.registers = registers_json(quote.td);
  if (has_devices(attestation)) found.problems = {"additional evidence: none is wanted"};
  if (!found.problems.empty()) return found;
  const TdxRequest request{context.collateral->tdx_roots, context.now, 0, 0};
  const auto platform = context.platforms->judged(quote, context.collateral->tdx, request);
  const JudgedPlatform& judged = *platform;
  const base::Sha384 digest = wire::runtime_data_digest(attestation.runtime_data, attestation.additional_evidence);
  const TdxVerification verification = verify_tdx(quote, judged, base::buffer_of(digest.bytes));
  if (!verification.genuine) {
    found.problems = failed_checks(verification.checks);
    return found;
  }
  found.evaluation_numbers = evaluation_numbers_of(judged);
  if (const auto obstacle = approval_obstacle(context, "tdx")) {
    found.problems = {*obstacle};
    return found;
  }
  const ApprovedGuest* approved = guest_of(quote.td, *context.approval);
  if (approved == nullptr) {
    found.problems = {"no approved guest has MRCONFIGID " + quote.td.mr_config_id.hex()};
  } else {
    found.guest = approved->guest;
    // Anybody can start a TD with this guest's MRCONFIGID: only with its measurements too is it the guest itself.
    found.authentic = value_problems(quoted_values(quote.td), approved_values(*approved)).empty();
    found.problems = approval_problems_of(quote, {judged.facts, verification.tcb}, attestation, evidence, *approved);
    found.measurement = measurement_of(quoted_values(quote.td), *approved);
  }
  if (!found.problems.empty()) {
    if (const auto nearest = nearest_match(quoted_values(quote.td), *context.approval)) {
      found.problems.push_back(*nearest);
    }
  }
  found.life.id = "tdx " + wire::key_thumbprint(attestation.runtime_data.tee_public_key);
  found.facts = revocable_facts(quote.td, judged.facts, found.guest);
  found.init_data = quote.td.mr_config_id.hex();
  found.claims = base::Json::Object{{"tdx", found.registers.at("tdx")}};
  return found;
}

}  // namespace attestation
