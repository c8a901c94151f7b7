#pragma once
#include <vector>

#include "measurement/platform_events.h"
#include "measurement/tdvf.h"

namespace measurement {

/// The index of RTMR0 in a CC event log (MRTD is 0); RTMR1 to 3 follow. Events of a TD have it where others have a PCR.
inline constexpr unsigned rtmr0_register = 1;

/// What a TD's firmware measures before and beside what a PC's measures.
struct TdInputs {
  std::vector<BankDigests> configuration_volumes;  ///< of the content of these sections, in their order
  std::vector<TdvfSection> sections;               ///< from read_tdvf()
  base::MiB memory;
  PlatformInputs platform;
};

/// The events of a TD, in log order: `boot`, which a PC's firmware would extend into PCRs, folded by the map from PCR
/// to RTMR, with the TD's own events before it (hand-off block, variable store, fw_cfg) and its own separators: one
/// after the Secure Boot variables, one at ReadyToBoot (in RTMR0 before edk2 202411, in RTMR1 since). Tagged events of
/// the firmware's guests other than Linux's own go to a TPM only and are left out. Source: UEFI 2.10, section 38.4.1;
/// edk2 OvmfPkg/Tcg/TdTcg2Dxe, OvmfPkg/Library/TdxHelperLib.
/// @param boot the ordered events with PCR numbers, PCR 1 as platform_events() has it
/// @throws as td_hob()
std::vector<BootEvent> td_events(const TdInputs& inputs, const std::vector<BootEvent>& boot);

}  // namespace measurement
