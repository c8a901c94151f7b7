#pragma once
#include <array>
#include <vector>

#include "measurement/boot_images.h"
#include "measurement/launch_configuration.h"
#include "measurement/mrtd.h"
#include "measurement/prediction.h"

namespace measurement {

/// The registers of a TD that its firmware and kernel extend; RTMR3 belongs to what runs later.
inline constexpr unsigned predicted_rtmrs = 3;

/// What can be known of a TD before its launch.
struct TdPrediction {
  Mrtd mrtd;
  Prediction boot;  ///< events with RTMR n as `pcr` n+1, in log order; what is not known is unpredictable
};

/// Predicts MRTD and the events of a direct kernel boot. Without a kernel (its bytes are empty), and without the
/// hypervisor's ACPI tables among `images.fw_cfg_files()`, the events that follow from them are unpredictable.
/// @throws base::Error{malformed} for files that do not parse; Error{failure} when the launch cannot work
TdPrediction predict_td(const LaunchConfiguration& configuration, BootImages& images);

/// The same of a unified kernel image that QEMU -kernel starts; the configuration's command line is what -append passes
/// to it. @throws as predict_td(); Error{failure} when Secure Boot would not start the image
TdPrediction predict_td_of_uki(const LaunchConfiguration& configuration, BootImages& images, base::Bytes uki);

/// The values RTMR0, RTMR1 and RTMR2 may have when the kernel has taken over: that of `boot.events` first, then those
/// of its alternatives. Empty for a register with an unpredictable event.
using RtmrSets = std::array<std::vector<base::Sha384>, predicted_rtmrs>;
RtmrSets rtmr_sets(const Prediction& boot);
/// What keeps RTMR `index` from being known: "ACPI tables: not given (etc/acpi/tables)". Empty when it is known.
std::string unknown_because(const Prediction& boot, unsigned index);

}  // namespace measurement
