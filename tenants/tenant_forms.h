#pragma once
#include "tenants/document_form.h"

/// The parts of `spec` of a tenant file.
namespace tenants {

Form<LaunchPolicy> launch_policy_form();
/// The part of a launch policy that a pool may have for itself.
Form<HardwareDemands> pool_launch_policy_form();
/// Reports demands that nobody can hold the hardware of `tee` to. @param path "spec.launchPolicy"
void check_hardware(const HardwareDemands& demands, base::Tee tee, const std::string& path,
                    base::Diagnostics& diagnostics);
Form<Owner> owner_form();
Form<Image> image_form();
Form<Pools> pools_form();
Form<std::vector<Network>> networks_form();
Form<Flow> flow_form();
Form<HostIsolation> isolation_form();

}  // namespace tenants
