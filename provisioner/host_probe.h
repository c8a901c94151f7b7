#pragma once
#include <string>
#include <vector>

#include "provisioner/host_module.h"

namespace provisioner {

/// What libvirt says about a host; `error` is set instead when it does not answer.
struct HypervisorFacts {
  std::string error;
  unsigned long libvirt_version = 0;  ///< 1000000 * major + 1000 * minor + release
  unsigned long qemu_version = 0;     ///< likewise
  std::string domain_capabilities;    ///< XML for q35 and the TEE's accelerator
};

/// Everything a host needs for guests of a TEE, present or missing, in a fixed order, each with where it was read and
/// what to do about it. @param sysroot is put before /proc, /sys, /dev and /usr; empty on a real host
/// Source: Linux Documentation/arch/x86/{amd-memory-encryption,tdx}.rst; libvirt formatdomaincaps.
std::vector<ProbeFinding> probe_findings(const std::string& sysroot, const HypervisorFacts& hypervisor, base::Tee tee);

}  // namespace provisioner
