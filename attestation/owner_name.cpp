#include "attestation/owner_name.h"

namespace attestation {
namespace {

constexpr std::size_t longest_name = 63;

std::string prefix_of(std::string_view tenant) {
  return "spiffe://" + std::string(tenant) + "/owner/";
}

}  // namespace

std::string owner_uri(std::string_view tenant, std::string_view name) {
  return prefix_of(tenant) + std::string(name);
}

bool is_owner_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_name &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::optional<std::string> owner_of_uri(std::string_view uri, std::string_view tenant) {
  const std::string prefix = prefix_of(tenant);
  if (!uri.starts_with(prefix)) return std::nullopt;
  uri.remove_prefix(prefix.size());
  return is_owner_name(uri) ? std::optional(std::string(uri)) : std::nullopt;
}

}  // namespace attestation
