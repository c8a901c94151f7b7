#include "attestation/tcb_status.h"

#include <algorithm>
#include <iterator>

namespace attestation {
namespace {

constexpr std::string_view names[] = {"UpToDate",
                                      "SWHardeningNeeded",
                                      "ConfigurationNeeded",
                                      "ConfigurationAndSWHardeningNeeded",
                                      "OutOfDate",
                                      "OutOfDateConfigurationNeeded",
                                      "TDRelaunchAdvised",
                                      "TDRelaunchAdvisedConfigurationNeeded",
                                      "Revoked",
                                      "NotSupported"};

/// Verifiers conclude these; no level carries them.
bool is_conclusion(TcbStatus status) {
  return status == TcbStatus::td_relaunch_advised || status == TcbStatus::td_relaunch_advised_configuration_needed ||
         status == TcbStatus::not_supported;
}

}  // namespace

std::string_view name_of(TcbStatus status) {
  return names[static_cast<std::size_t>(status)];
}

std::optional<TcbStatus> parse_tcb_status(std::string_view name) {
  const auto* const found = std::find(std::begin(names), std::end(names), name);
  if (found == std::end(names)) return std::nullopt;
  const auto status = static_cast<TcbStatus>(found - std::begin(names));
  if (is_conclusion(status)) return std::nullopt;
  return status;
}

TcbJudgement judgement_of(const std::vector<IsvSvnLevel>& levels, std::uint16_t isv_svn) {
  const auto reached = [&](const IsvSvnLevel& level) { return level.isv_svn <= isv_svn; };
  const auto found = std::find_if(levels.begin(), levels.end(), reached);
  return found == levels.end() ? TcbJudgement{} : found->judgement;
}

TcbStatus converged(TcbStatus status, TcbStatus component) {
  if (component == TcbStatus::revoked || status == TcbStatus::revoked) return TcbStatus::revoked;
  if (component == TcbStatus::not_supported || status == TcbStatus::not_supported) return TcbStatus::not_supported;
  if (component != TcbStatus::out_of_date) return status;
  switch (status) {
    case TcbStatus::up_to_date:
    case TcbStatus::sw_hardening_needed:
      return TcbStatus::out_of_date;
    case TcbStatus::configuration_needed:
    case TcbStatus::configuration_and_sw_hardening_needed:
      return TcbStatus::out_of_date_configuration_needed;
    default:
      return status;
  }
}

}  // namespace attestation
