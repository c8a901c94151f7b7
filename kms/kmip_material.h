#pragma once
#include <memory>

#include "kms/key_material.h"
#include "kms/kmip_client.h"

namespace kms {

/// Keys made by a KMIP server, which are named "bulkhead/TENANT/KEY/VERSION" there; handles are their unique
/// identifiers. The server tells tenants apart by their client certificates.
std::unique_ptr<KeyMaterial> make_kmip_material(KmipClient client);

}  // namespace kms
