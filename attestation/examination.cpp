#include "attestation/examination.h"

namespace attestation {

std::optional<std::string> approval_obstacle(const ExaminationContext& context, std::string_view tee) {
  if (context.approval == nullptr) return "no approval is loaded";
  const Approval& approval = *context.approval;
  if (approval.not_after && context.now > *approval.not_after) return "the approval has expired";
  if (approval.tee != tee) {
    return "the approval is for tee " + approval.tee + ", the evidence is " + std::string(tee);
  }
  return std::nullopt;
}

bool has_devices(const wire::AttestRequest& attestation) {
  return !attestation.additional_evidence.empty() && attestation.additional_evidence != "{}";
}

std::vector<std::string> failed_checks(const std::vector<Check>& checks) {
  std::vector<std::string> problems;
  for (const Check& check : checks) {
    if (check.weight == Check::Weight::advisory || check.outcome == Check::Outcome::ok) continue;
    const std::string outcome = check.outcome == Check::Outcome::failed ? "" : " (not checked)";
    problems.push_back(check.name + outcome + ": wanted " + check.wanted + ", got " + check.got);
  }
  return problems;
}

}  // namespace attestation
