#pragma once
#include <string>

#include "provisioner/service_process.h"

namespace provisioner {

/// "bulkhead-attestd-NAME.service"
std::string service_unit_name(const std::string& tenant);

/// The systemd unit that supervises a tenant's service, for hosts whose process 1 is systemd.
/// Source: systemd.exec(5), systemd.service(5).
std::string service_unit(const ServicePlace& place);

/// Installs the unit under /run/systemd/system and starts it; stops and removes it. They run systemctl.
/// @throws Error{host} in its own words
void start_unit(const ServicePlace& place);
void stop_unit(const std::string& tenant);

}  // namespace provisioner
