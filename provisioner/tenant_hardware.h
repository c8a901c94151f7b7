#pragma once
#include "attestation/hardware_policy.h"
#include "tenants/tenant.h"

namespace provisioner {

/// What the owners demand of the hardware below a pool's guests, as their approval says it to the attestation service.
/// Migration and owner words of a TD have no key in the tenant's file: nothing launched here has them, so none is
/// accepted. The default for an emulated tenant, below whose guests there is no hardware to ask.
attestation::HardwarePolicy hardware_policy(const tenants::Tenant& tenant, base::Pool pool);

}  // namespace provisioner
