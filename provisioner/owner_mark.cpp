#include "provisioner/owner_mark.h"

#include <algorithm>

namespace provisioner {
namespace {

constexpr std::string_view opening = "bulkhead/v1 tenant=";
constexpr std::string_view middle = " digest=";

}  // namespace

std::string OwnerMark::text() const {
  return std::string(opening) + tenant.name + std::string(middle) + digest.hex();
}

std::optional<OwnerMark> OwnerMark::parse(std::string_view text) {
  if (!text.starts_with(opening)) return std::nullopt;
  text.remove_prefix(opening.size());
  const std::size_t end = text.find(middle);
  if (end == std::string_view::npos || !is_tenant_name(text.substr(0, end))) return std::nullopt;
  const std::optional<base::Sha256> digest = base::Sha256::parse(text.substr(end + middle.size()));
  if (!digest) return std::nullopt;
  return OwnerMark{base::TenantId{std::string(text.substr(0, end))}, *digest};
}

bool is_tenant_name(std::string_view name) noexcept {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto allowed = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() <= 20 && letter(name.front()) && name.back() != '-' &&
         std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace provisioner
