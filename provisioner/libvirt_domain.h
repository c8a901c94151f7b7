#pragma once
#include <memory>

#include "provisioner/launch_security_xml.h"
#include "provisioner/libvirt_connection.h"
#include "provisioner/marked_driver.h"

namespace provisioner {

/// Guests: defined with validation, marked, started. A domain's TPM state is the `guestKey` resource's, never removed
/// here.
class DomainDriver : public MarkedDriver {
 public:
  /// The tenant's guests as they are now, sorted by name.
  virtual std::vector<GuestRuntime> guests(const base::TenantId& tenant) = 0;
};

/// @param id_authentications from the approval, for SNP guests with an ID block; empty for verbs that only look
std::unique_ptr<DomainDriver> make_domain_driver(std::shared_ptr<LibvirtConnection> connection,
                                                 IdAuthentications id_authentications);

}  // namespace provisioner
