#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What Intel says about a security version: of a platform, a TDX module or a quoting enclave.
namespace attestation {

enum class TcbStatus {
  up_to_date,
  sw_hardening_needed,
  configuration_needed,
  configuration_and_sw_hardening_needed,
  out_of_date,
  out_of_date_configuration_needed,
  td_relaunch_advised,
  td_relaunch_advised_configuration_needed,
  revoked,
  not_supported,  ///< below every level that Intel lists
};

/// Intel's spelling: "UpToDate", "SWHardeningNeeded", .., and "NotSupported".
std::string_view name_of(TcbStatus status);
/// Of the seven that documents of Intel carry; nullopt for another text.
std::optional<TcbStatus> parse_tcb_status(std::string_view name);

/// What one TCB level says of whoever reaches it.
struct TcbJudgement {
  TcbStatus status = TcbStatus::not_supported;
  std::int64_t tcb_date = 0;            ///< seconds since the epoch
  std::vector<std::string> advisories;  ///< "INTEL-SA-00837"
};

/// A level of a TDX module or an enclave: reached by its ISVSVN.
struct IsvSvnLevel {
  std::uint16_t isv_svn = 0;
  TcbJudgement judgement;
};
/// Of the first level reached, levels being listed from the newest on; not_supported when none is.
TcbJudgement judgement_of(const std::vector<IsvSvnLevel>& levels, std::uint16_t isv_svn);

/// `status` of a platform when its TDX module or its quoting enclave has `component`.
TcbStatus converged(TcbStatus status, TcbStatus component);

}  // namespace attestation
