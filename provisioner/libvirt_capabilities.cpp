#include "provisioner/libvirt_capabilities.h"

#include <libvirt/libvirt.h>

#include <cstdlib>
#include <memory>

#include "base/error.h"
#include "provisioner/libvirt_connection.h"

namespace provisioner {

HypervisorFacts hypervisor_facts(const std::string& uri, base::Tee tee) {
  HypervisorFacts facts;
  try {
    const LibvirtConnection connection(uri);
    ::virConnectGetLibVersion(connection.get(), &facts.libvirt_version);
    ::virConnectGetVersion(connection.get(), &facts.qemu_version);
    const char* const type = tee == base::Tee::emulated ? "qemu" : "kvm";
    const std::unique_ptr<char, void (*)(void*)> capabilities(
        ::virConnectGetDomainCapabilities(connection.get(), nullptr, "x86_64", "q35", type, 0), std::free);
    if (capabilities) facts.domain_capabilities = capabilities.get();
  } catch (const base::Error& error) {
    facts.error = error.what();
  }
  return facts;
}

}  // namespace provisioner
