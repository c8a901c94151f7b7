#include "base/error.h"
#include "base/posix_module.h"
#include "kms/sealing_tpm.h"

namespace kms {

std::string tpm_address(std::string address, std::string_view name) {
  if (!address.starts_with("device:/") && !address.starts_with("swtpm:"))
    throw base::Error(base::Kind::malformed, std::string(name) + ": got '" + address +
                                                 "', wanted device:PATH, such as " + default_tpm +
                                                 ", or swtpm:path=SOCKET");
  return address;
}

std::unique_ptr<SealingTpm> load_sealing_tpm(const std::string& address) {
  using Make = SealingTpm* (*)(const std::string&);
  const auto make = reinterpret_cast<Make>(base::load_module(
      {"bulkhead-tpm.so", "bulkhead_sealing_tpm", BULKHEAD_INSTALLED_LIB, "secrets sealed to a TPM need"}));
  return std::unique_ptr<SealingTpm>(make(address));
}

}  // namespace kms
