#pragma once
#include <string>
#include <vector>

#include "tenants/site.h"
#include "tenants/tenant.h"

namespace tenants {

/// Something a document may say that `apply` does not build yet.
struct Finding {
  std::string feature;  ///< "spec.isolation.cores: dedicated"
  base::SourcePosition where;
};

/// Every such thing these two documents say; `apply` refuses when there is any, naming them all.
std::vector<Finding> features_apply_refuses(const Tenant& tenant, const Site& site);

}  // namespace tenants
