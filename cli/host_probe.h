#pragma once
#include <string>

#include "cli/console.h"

namespace cli {

/// Which TEE the host shall run, and how to reach its libvirt.
struct HostProbeOptions {
  std::string uri = "qemu:///system";
  std::string tee = "emulated";  ///< snp, tdx or emulated
  bool json = false;
};

/// Lists what the host has and lacks for that TEE, each gap with its remedy. Exit 0 when nothing lacks, else 4.
int host_probe(const HostProbeOptions& options, Console& console);

}  // namespace cli
