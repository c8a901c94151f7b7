#pragma once
#include <string>

#include "provisioner/service_admin.h"

namespace provisioner {

/// Connects to services at RUN/NAME/admin.sock. @param run root of run-time files: "/run/bulkhead"
OpenServiceAdmin service_admin_below(std::string run);

}  // namespace provisioner
