#pragma once
#include <memory>
#include <string>

#include "base/dsse.h"
#include "base/secret.h"
#include "images/guest_disk.h"
#include "provisioner/resource.h"

namespace provisioner {

/// What opening a host needs; the approval and bundle are empty for verbs that only look.
struct HostOptions {
  std::string uri = "qemu:///system";
  std::string store = "/var/lib/bulkhead";   ///< root of the tenants' stores
  std::string run = "/run/bulkhead";         ///< root of run-time files
  std::string attestd = "bulkhead-attestd";  ///< program to start as a tenant's service
  std::string approval;                      ///< DSSE text for the `approval` resource
  base::Secret service_bundle;               ///< JSON for the `service` resource
};

/// One missing thing and its remedy, or one fact, of `host probe`.
struct ProbeFinding {
  std::string check;  ///< "SEV-SNP in KVM"
  bool present = false;
  std::string got;     ///< what was found, with its source
  std::string remedy;  ///< empty when present
};

/// The adapters of bulkhead-host.so, which alone links libvirt, libguestfs, libnftables and tss2.
class HostModule {
 public:
  virtual ~HostModule() = default;
  virtual std::unique_ptr<Host> open_host(HostOptions options) = 0;
  /// Facts and gaps for running `tee` guests, in a fixed order.
  virtual std::vector<ProbeFinding> probe(const std::string& uri, base::Tee tee) = 0;
  virtual std::unique_ptr<images::GuestDisk> open_guest_disk() = 0;
};

/// Loads bulkhead-host.so from beside the program (../lib/bulkhead) or the installed libdir.
/// @throws Error{host} naming the package when it cannot be loaded
std::shared_ptr<HostModule> load_host_module();

}  // namespace provisioner

/// The module's one exported symbol.
extern "C" provisioner::HostModule* bulkhead_host_module();
