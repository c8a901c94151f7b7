#include "tenants/tenant.h"

namespace tenants {

const char* name_of(Placement placement) noexcept {
  return placement == Placement::owner ? "owner" : placement == Placement::guest ? "guest" : "operatorHost";
}

const Network* Tenant::network(std::string_view wanted) const noexcept {
  for (const Network& candidate : networks) {
    if (candidate.name.value == wanted) return &candidate;
  }
  return nullptr;
}

const AttestationService* Tenant::attestation() const noexcept {
  for (const Owner& owner : owners) {
    if (owner.attestation) return &*owner.attestation;
  }
  return nullptr;
}

}  // namespace tenants
