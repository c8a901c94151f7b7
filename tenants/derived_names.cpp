#include "tenants/derived_names.h"

#include "base/crypto.h"

namespace tenants {
namespace {

std::string digits_of(const std::string& text, std::size_t count) {
  return base::sha256(base::bytes_of(text)).hex().substr(0, count);
}

std::string guest_text(const base::GuestId& guest) {
  return guest.tenant.name + "/" + guest.text();
}

/// The namespace of guest_uuid(): a version 4 UUID drawn once.
constexpr std::array<std::uint8_t, 16> uuid_namespace = {0x6b, 0x1f, 0x0c, 0x4e, 0x8a, 0x52, 0x4d, 0x33,
                                                         0x9e, 0x07, 0x2c, 0xd1, 0x5f, 0x94, 0xb8, 0x60};

}  // namespace

std::string bridge_name(const base::TenantId& tenant, base::Pool pool) {
  return "bh" + digits_of("bridge " + tenant.name + "/" + base::name_of(pool), 11);
}

std::string host_link_name(const base::TenantId& tenant, const std::string& interface) {
  return "bh" + digits_of("link " + tenant.name + "/" + interface, 11);
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

// Source: RFC 9562 section 5.5: SHA-1 of namespace and name, cut to 16 bytes, version and variant set.
std::string guest_uuid(const base::GuestId& guest) {
  base::Buffer input(uuid_namespace.begin(), uuid_namespace.end());
  base::append(input, base::bytes_of(guest_text(guest)));
  base::Buffer uuid = base::sha1(input);
  uuid.resize(16);
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0fU) | 0x50U);
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3fU) | 0x80U);
  const std::string hex = base::hex(uuid);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
         hex.substr(20);
}

std::string guest_mac(const base::GuestId& guest) {
  const std::string hex = digits_of("mac " + guest_text(guest), 6);
  return "52:54:00:" + hex.substr(0, 2) + ":" + hex.substr(2, 2) + ":" + hex.substr(4, 2);
}

}  // namespace tenants
