#pragma once
#include <string>

#include "base/units.h"

namespace provisioner {

/// Names that only the host knows; those the isolation rules compare are in tenants/derived_names.h.

std::string filter_name(const base::TenantId& tenant);  ///< of both nft tables on the host: "bh_acme_1a2b3c4d"
std::string guest_name(const base::GuestId& guest);     ///< "worker-0"

}  // namespace provisioner
