#pragma once
#include "tenants/document_form.h"

/// The parts of `spec` of a tenant file.
namespace tenants {

Form<LaunchPolicy> launch_policy_form();
Form<Owner> owner_form();
Form<Image> image_form();
Form<Pools> pools_form();
Form<std::vector<Network>> networks_form();
Form<Flow> flow_form();
Form<HostIsolation> isolation_form();

}  // namespace tenants
