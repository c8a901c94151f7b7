#include "attestation/appraise.h"
#include "attestation/examination.h"
#include "attestation/guest_name.h"
#include "attestation/release_rules.h"
#include "attestation/verify_tpm.h"

namespace attestation {
namespace {

using Problems = std::vector<std::string>;

/// Whose key it is; "" when it is nobody's.
std::string owner_of(base::Bytes key, const std::map<std::string, base::Buffer>& enrolled) {
  for (const auto& [owner, known] : enrolled) {
    if (base::equal_in_constant_time(known, key)) return owner;
  }
  return "";
}

Problems enrolment_problems(const wire::TpmEvidence& evidence, const std::string& owner) {
  if (owner.empty()) return {"attestation key not enrolled: SHA-256 " + base::sha256(evidence.ak_public).hex()};
  if (!evidence.bulkhead || evidence.bulkhead->guest == owner) return {};
  return {"attestation key enrolled for another guest: the key is " + owner + "'s, the evidence claims '" +
          evidence.bulkhead->guest + "'"};
}

Problems approval_problems_of(const wire::TpmEvidence& evidence, const wire::AttestRequest& attestation,
                              const std::string& guest, const ExaminationContext& context) {
  if (const auto obstacle = approval_obstacle(context, "emulated")) return {*obstacle};
  const ApprovedGuest* approved = context.approval->find(guest);
  if (approved == nullptr) return {"the approval does not name " + guest};
  return approval_problems(evidence, attestation.init_data, *approved);
}

}  // namespace

Examination examine_tpm(const wire::AttestRequest& attestation, const ExaminationContext& context) {
  const wire::TpmEvidence evidence = wire::TpmEvidence::parse(attestation.primary_evidence);
  const std::string owner = owner_of(evidence.ak_public, context.enrolled);
  Examination found;
  found.guest = owner;
  if (evidence.bulkhead && is_guest_name(evidence.bulkhead->guest)) found.guest = evidence.bulkhead->guest;
  found.registers = pcrs_json(evidence);
  if (has_devices(attestation)) found.problems = {"additional evidence: none is wanted"};
  if (found.problems.empty()) found.problems = enrolment_problems(evidence, owner);
  if (!found.problems.empty()) return found;
  const base::Sha384 digest = wire::runtime_data_digest(attestation.runtime_data, attestation.additional_evidence);
  found.problems = genuineness_problems(evidence, evidence.ak_public, wire::tpm_report_data(digest));
  found.authentic = found.problems.empty();
  if (!found.authentic) return found;
  found.attestation_key = base::sha256(evidence.ak_public).hex();
  found.life = life_of(evidence);
  found.facts = revocable_facts(evidence, owner);
  found.claims = base::Json::Object{
      {"tpm", base::Json::Object{{"pcrs", found.registers}, {"ak_public", base::base64(evidence.ak_public)}}}};
  found.problems = approval_problems_of(evidence, attestation, owner, context);
  if (context.approval == nullptr) return found;
  if (found.problems.empty()) {
    const ApprovedGuest& approved = *context.approval->find(owner);
    found.init_data = approved.initdata.hex();
    found.measurement = measurement_of(quoted_values(evidence), approved);
    return found;
  }
  if (const auto nearest = nearest_match(quoted_values(evidence), *context.approval))
    found.problems.push_back(*nearest);
  return found;
}

}  // namespace attestation
