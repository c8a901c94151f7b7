#include "kms/kms_module.h"

#include "base/posix_module.h"

namespace kms {

std::shared_ptr<KmsModule> load_kms_module() {
  using Make = KmsModule* (*)();
  const auto make = reinterpret_cast<Make>(base::load_module(
      {"bulkhead-kms.so", "bulkhead_kms_module", BULKHEAD_INSTALLED_LIB, "verbs and services that reach a KMS need"}));
  return std::shared_ptr<KmsModule>(make());
}

}  // namespace kms
