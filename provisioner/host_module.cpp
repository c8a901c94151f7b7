#include "provisioner/host_module.h"

#include "base/posix_module.h"

namespace provisioner {

std::shared_ptr<HostModule> load_host_module() {
  using Make = HostModule* (*)();
  const auto make =
      reinterpret_cast<Make>(base::load_module({"bulkhead-host.so", "bulkhead_host_module", BULKHEAD_INSTALLED_LIB,
                                                "verbs that touch a host or a disk need; install bulkhead-host"}));
  return std::shared_ptr<HostModule>(make());
}

}  // namespace provisioner
