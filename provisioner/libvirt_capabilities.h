#pragma once
#include <string>

#include "provisioner/host_probe.h"

namespace provisioner {

/// Asks libvirt at `uri` what probe_findings() wants to know. Never throws: a silent libvirt is a finding.
HypervisorFacts hypervisor_facts(const std::string& uri, base::Tee tee);

}  // namespace provisioner
