#pragma once
#include <map>
#include <memory>
#include <string>

#include "provisioner/marked_driver.h"
#include "provisioner/service_admin.h"

namespace provisioner {

/// Makes a guest's TPM state with its attestation key. @param directory exists and is empty
/// @return the key's SubjectPublicKeyInfo, DER
using MakeGuestKey = std::function<base::Buffer(const std::string& directory)>;

/// The attestation keys of guests: each lives in its guest's TPM state, and the tenant's service knows it by its bytes.
/// A service of the owner's is told by the owner (`enrolment` in the resource): this host only keeps the key for her.
class GuestKeyDriver : public MarkedDriver {
 public:
  /// Every key of a tenant that is completely made, by guest: "worker/0".
  virtual std::map<std::string, base::Buffer> keys(const base::TenantId& tenant) = 0;
};

/// @param root where libvirt keeps TPM states: "/var/lib/libvirt/swtpm"
std::unique_ptr<GuestKeyDriver> make_guest_key_driver(std::string root, OpenServiceAdmin service,
                                                      MakeGuestKey make_key);

}  // namespace provisioner
