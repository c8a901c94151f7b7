#include "provisioner/marked_driver.h"

#include <algorithm>

#include "base/error.h"

namespace provisioner {

std::vector<Observed> MarkedDriver::observe(const base::TenantId& tenant) {
  std::vector<Observed> found;
  for (const MarkedThing& thing : marked()) {
    if (thing.mark.tenant == tenant) found.push_back({kind(), thing.name, thing.mark.digest, drift(thing)});
  }
  std::sort(found.begin(), found.end(), [](const Observed& a, const Observed& b) { return a.name < b.name; });
  return found;
}

bool MarkedDriver::has(const base::TenantId& tenant, const std::string& name) {
  const std::vector<MarkedThing> all = marked();
  return std::any_of(all.begin(), all.end(),
                     [&](const MarkedThing& thing) { return thing.name == name && thing.mark.tenant == tenant; });
}

bool MarkedDriver::foreign_namesake(const base::TenantId& tenant, const std::string& name) {
  return exists(name) && !has(tenant, name);
}

void MarkedDriver::refuse_foreign(const base::TenantId& tenant, const std::string& name) {
  if (!foreign_namesake(tenant, name)) return;
  throw base::Error(base::Kind::failure, std::string(name_of(kind())) + " '" + name + "' exists and is not tenant '" +
                                             tenant.name + "'s; it is neither reused nor removed");
}

OwnerMark mark_of(const base::TenantId& tenant, const Resource& resource) {
  return {tenant, resource.digest()};
}

UndoUnlessDone::~UndoUnlessDone() {
  if (!undo_) return;
  try {
    undo_();
  } catch (const std::exception&) {  // the error that got us here is the one to report
  }
}

}  // namespace provisioner
