#pragma once
#include <memory>
#include <string>

#include "provisioner/marked_driver.h"
#include "provisioner/service_admin.h"

namespace provisioner {

/// Makes a guest's TPM state with its attestation key. @param directory exists and is empty
/// @return the key's SubjectPublicKeyInfo, DER
using MakeGuestKey = std::function<base::Buffer(const std::string& directory)>;

/// The attestation keys of guests: each lives in its guest's TPM state, and the tenant's service knows it by its bytes.
/// @param root where libvirt keeps TPM states: "/var/lib/libvirt/swtpm"
std::unique_ptr<MarkedDriver> make_guest_key_driver(std::string root, OpenServiceAdmin service, MakeGuestKey make_key);

}  // namespace provisioner
