#pragma once
#include "cli/console.h"
#include "cli/sev_options.h"

namespace cli {

/// What is given to SNP_LAUNCH_START and SNP_LAUNCH_FINISH and is not in the launch digest, as texts.
struct SnpLaunchOptions {
  std::string policy = "0x30000", guest_svn = "0";
  std::optional<std::string> minimum_tcb;        ///< "bootloader=4,tee=0,snp=23,microcode=219", or some of them
  std::optional<std::string> host_data;          ///< 64 hexadecimal digits
  std::optional<std::string> id_block, id_auth;  ///< files of 96 and 4096 bytes
};

struct MeasureSnpOptions {
  SevOptions sev;
  VcpuOptions vcpu;
  std::string vmm = "qemu";
  std::optional<std::string> firmware_digest;
  SnpLaunchOptions launch;
  std::optional<std::string> svsm;  ///< file of a service module that is loaded beside the firmware
  std::string variables_size = "0";
};

/// The SNP launch digests of the files and vCPU counts in `options`.
/// @throws Error{usage} for flags that make no sense, Error{malformed} for files that do not parse, Error{failure} for
/// firmware that lacks what the launch needs
LaunchReport snp_launch_report(const MeasureSnpOptions& options);
/// Prints it.
int measure_snp(const MeasureSnpOptions& options, Console& console);

}  // namespace cli
