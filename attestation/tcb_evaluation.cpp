#include "attestation/tcb_evaluation.h"

#include <algorithm>

namespace attestation {
namespace {

using measurement::TcbSvn;

constexpr std::size_t module_minor = 0, module_major = 1, late_microcode = 2;

/// Every component from `first` on is at least the level's.
bool reaches(const std::array<std::uint8_t, 16>& got, const std::array<std::uint8_t, 16>& level,
             std::size_t first = 0) {
  for (std::size_t i = first; i < got.size(); ++i)
    if (got[i] < level[i]) return false;
  return true;
}

void rate_platform(const TcbInfo& info, const TcbSubject& subject, TcbEvaluation& found) {
  // A module with a major version has an identity of its own, so that the level does not speak of it.
  const std::size_t first = subject.tee_tcb_svn[module_major] > 0 ? late_microcode : module_minor;
  bool reached_sgx = false;
  for (const TcbLevel& level : info.levels) {
    if (!reaches(subject.component_svns, level.sgx_components) || subject.pce_svn < level.pce_svn) continue;
    if (!reached_sgx) found.sgx = level.judgement;
    reached_sgx = true;
    if (!reaches(subject.tee_tcb_svn, level.tdx_components, first)) continue;
    found.tdx = level.judgement;
    return;
  }
}

TcbJudgement rate_module(const TcbInfo& info, const TcbSvn& svn) {
  const TdxModuleIdentity* const identity = find_module_identity(info, svn[module_major]);
  return identity == nullptr ? TcbJudgement{} : judgement_of(identity->levels, svn[module_minor]);
}

bool needs_configuration(TcbStatus status) {
  return status == TcbStatus::configuration_needed || status == TcbStatus::out_of_date_configuration_needed ||
         status == TcbStatus::configuration_and_sw_hardening_needed;
}

/// Whether the module that runs now is at least the newest one that Intel knows.
bool is_latest(const TcbInfo& info, const TcbSvn& current) {
  const TcbLevel& newest = info.levels.front();
  if (current[late_microcode] < newest.tdx_components[late_microcode]) return false;
  if (current[module_major] == 0) return current[module_minor] >= newest.tdx_components[module_minor];
  const TdxModuleIdentity* const identity = find_module_identity(info, current[module_major]);
  return identity != nullptr && !identity->levels.empty() && current[module_minor] >= identity->levels.front().isv_svn;
}

/// Only the module was out of date when the TD was launched, and it has been updated since: relaunching it is all that
/// is left to do.
bool is_relaunch_advised(const TcbInfo& info, const TcbSubject& subject, const TcbEvaluation& found, TcbStatus status) {
  const bool qe_is_fine = found.qe.status != TcbStatus::out_of_date && found.qe.status != TcbStatus::revoked &&
                          found.qe.status != TcbStatus::not_supported;
  const bool platform_is_fine = found.sgx.status == TcbStatus::up_to_date ||
                                found.sgx.status == TcbStatus::sw_hardening_needed ||
                                found.sgx.status == TcbStatus::configuration_needed ||
                                found.sgx.status == TcbStatus::configuration_and_sw_hardening_needed;
  const bool launch_is_old = status == TcbStatus::out_of_date || status == TcbStatus::out_of_date_configuration_needed;
  const bool module_was_old = found.tdx_module && found.tdx_module->status == TcbStatus::out_of_date;
  return subject.current && qe_is_fine && platform_is_fine && launch_is_old && module_was_old &&
         is_latest(info, *subject.current);
}

std::vector<std::string> advisories_of(const TcbEvaluation& found) {
  std::vector<std::string> all = found.tdx.advisories;
  if (found.tdx_module) all.insert(all.end(), found.tdx_module->advisories.begin(), found.tdx_module->advisories.end());
  all.insert(all.end(), found.qe.advisories.begin(), found.qe.advisories.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

}  // namespace

const TdxModuleIdentity* find_module_identity(const TcbInfo& info, std::uint8_t major) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const std::string id = std::string("TDX_") + digits[major >> 4U] + digits[major & 0x0FU];
  const auto found = std::find_if(info.module_identities.begin(), info.module_identities.end(),
                                  [&](const TdxModuleIdentity& module) { return module.id == id; });
  return found == info.module_identities.end() ? nullptr : &*found;
}

TcbEvaluation evaluate_tcb(const TcbInfo& info, const QeIdentity& qe, const TcbSubject& subject) {
  TcbEvaluation found;
  rate_platform(info, subject, found);
  if (subject.tee_tcb_svn[module_major] > 0) found.tdx_module = rate_module(info, subject.tee_tcb_svn);
  found.qe = judgement_of(qe.levels, subject.qe_isv_svn);
  TcbStatus status = found.tdx.status;
  if (found.tdx_module) status = converged(status, found.tdx_module->status);
  if (is_relaunch_advised(info, subject, found, status)) {
    const bool configure = needs_configuration(found.sgx.status) || needs_configuration(status);
    status = configure ? TcbStatus::td_relaunch_advised_configuration_needed : TcbStatus::td_relaunch_advised;
  }
  found.status = converged(status, found.qe.status);
  found.advisories = advisories_of(found);
  return found;
}

}  // namespace attestation
