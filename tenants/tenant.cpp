#include "tenants/tenant.h"

namespace tenants {

const char* name_of(Placement placement) noexcept {
  return placement == Placement::owner ? "owner" : placement == Placement::guest ? "guest" : "operatorHost";
}

const char* name_of(KmsProvider provider) noexcept {
  constexpr const char* names[] = {"embedded", "openbao", "kmip", "pkcs11"};
  return names[static_cast<unsigned>(provider)];
}

HardwareDemands Tenant::hardware(base::Pool which) const {
  HardwareDemands demands = launch_policy;
  const HardwareDemands& own = pool(which).hardware;
  if (own.smt_allowed) demands.smt_allowed = own.smt_allowed;
  if (!own.chips.empty()) demands.chips = own.chips;
  if (own.has_minimum_tcb()) {
    demands.milan = own.milan;
    demands.genoa = own.genoa;
    demands.turin = own.turin;
    demands.minimum_tcb_where = own.minimum_tcb_where;
  }
  if (own.provisional_firmware) demands.provisional_firmware = own.provisional_firmware;
  if (own.vmpl) demands.vmpl = own.vmpl;
  if (!own.tcb_statuses.empty()) demands.tcb_statuses = own.tcb_statuses;
  return demands;
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

const Kms* Tenant::kms() const noexcept {
  for (const Owner& owner : owners) {
    if (owner.kms) return &*owner.kms;
  }
  return nullptr;
}

const Network* Tenant::way_to(Ipv4 address) const noexcept {
  const Network* first = nullptr;
  for (const NodePool* pool : {&pools.control, &pools.worker}) {
    const Network* const candidate = network(pool->network.value);
    if (candidate == nullptr || !candidate->uplink || !candidate->uplink->address) continue;
    if (candidate->uplink->address->value.contains(address)) return candidate;
    if (first == nullptr) first = candidate;
  }
  return first;
}

}  // namespace tenants
