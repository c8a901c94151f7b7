#pragma once
#include <memory>
#include <string>

#include "provisioner/resource.h"
#include "provisioner/service_admin.h"

namespace provisioner {

/// The approval a tenant's service has loaded. The service is the mark: what it holds is its tenant's.
/// @param approval DSSE text to load; empty for verbs that only look
std::unique_ptr<ResourceDriver> make_approval_driver(std::string approval, OpenServiceAdmin service);

}  // namespace provisioner
