#include "provisioner/resource.h"

#include <array>

#include "base/crypto.h"

namespace provisioner {
namespace {

constexpr std::array<const char*, resource_kinds> kind_names = {"hostFilter",   "portFilter", "bridge",   "router",
                                                                "routerFilter", "network",    "service",  "approval",
                                                                "bootFile",     "volume",     "guestKey", "domain"};

}  // namespace

const char* name_of(ResourceKind kind) noexcept {
  return kind_names[static_cast<std::size_t>(kind)];
}

std::optional<ResourceKind> resource_kind(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kind_names.size(); ++i) {
    if (kind_names[i] == name) return static_cast<ResourceKind>(i);
  }
  return std::nullopt;
}

base::Sha256 Resource::digest() const {
  return base::sha256(base::bytes_of(body.compact()));
}

}  // namespace provisioner
