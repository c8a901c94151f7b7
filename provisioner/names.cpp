#include "provisioner/names.h"

#include <algorithm>

#include "base/crypto.h"

namespace provisioner {

std::string filter_name(const base::TenantId& tenant) {
  std::string word = tenant.name;
  std::replace(word.begin(), word.end(), '-', '_');
  return "bh_" + word + "_" + base::sha256(base::bytes_of("filter " + tenant.name)).hex().substr(0, 8);
}

std::string guest_name(const base::GuestId& guest) {
  return std::string(base::name_of(guest.pool)) + "-" + std::to_string(guest.index);
}

}  // namespace provisioner
