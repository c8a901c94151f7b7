#include "tenants/derived_names.h"

#include "base/crypto.h"
#include "base/uuid.h"

namespace tenants {
namespace {

std::string digits_of(const std::string& text, std::size_t count) {
  return base::sha256(base::bytes_of(text)).hex().substr(0, count);
}

std::string guest_text(const base::GuestId& guest) {
  return guest.tenant.name + "/" + guest.text();
}

/// The namespace of guest_uuid(): a version 4 UUID drawn once.
constexpr base::Uuid uuid_namespace = {0x6b, 0x1f, 0x0c, 0x4e, 0x8a, 0x52, 0x4d, 0x33,
                                       0x9e, 0x07, 0x2c, 0xd1, 0x5f, 0x94, 0xb8, 0x60};

}  // namespace

std::string bridge_name(const base::TenantId& tenant, base::Pool pool) {
  return "bh" + digits_of("bridge " + tenant.name + "/" + base::name_of(pool), 11);
}

std::string host_link_name(const base::TenantId& tenant, const std::string& interface) {
  return "bh" + digits_of("link " + tenant.name + "/" + interface, 11);
}

std::string port_name(const base::GuestId& guest) {
  return "bh" + digits_of("port " + guest_text(guest), 11);
}

std::string router_name(const base::TenantId& tenant) {
  return "bh-" + tenant.name;
}

std::string network_name(const base::TenantId& tenant, base::Pool pool) {
  return "bh-" + tenant.name + "-" + base::name_of(pool);
}

std::string domain_name(const base::GuestId& guest) {
  return network_name(guest.tenant, guest.pool) + "-" + std::to_string(guest.index);
}

std::string slice_name(const base::TenantId& tenant) {
  std::string escaped;
  for (const char c : tenant.name) escaped += c == '-' ? std::string("\\x2d") : std::string(1, c);
  return "bulkhead-" + escaped + ".slice";
}

std::string guest_uuid(const base::GuestId& guest) {
  return base::uuid_text(base::uuid_version5(uuid_namespace, guest_text(guest)));
}

std::string guest_mac(const base::GuestId& guest) {
  const std::string hex = digits_of("mac " + guest_text(guest), 6);
  return "52:54:00:" + hex.substr(0, 2) + ":" + hex.substr(2, 2) + ":" + hex.substr(4, 2);
}

}  // namespace tenants
