#include "cli/service_access.h"

#include "base/posix_files.h"

namespace cli {

std::unique_ptr<attestation::AdminClient> open_service(const ServiceAccess& access, const std::string& tenant) {
  if (access.url.empty()) return attestation::make_admin_client(access.run + "/" + tenant + "/admin.sock");
  constexpr std::size_t largest_pem = 1U << 16U;
  return attestation::make_owner_client(
      access.url, base::read_file(access.ca, largest_pem),
      {base::read_file(access.identity + ".pem", largest_pem), base::read_secret_file(access.identity + ".key")});
}

}  // namespace cli
