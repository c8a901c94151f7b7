#pragma once
#include <optional>
#include <string>
#include <string_view>

/// How a tenant's owner is named in the certificate with which she administers her attestation service.
namespace attestation {

/// "spiffe://acme/owner/alice". Guests are named in pools ("spiffe://acme/worker/0"), and no pool is called owner.
std::string owner_uri(std::string_view tenant, std::string_view name);
/// The name in that URI; nullopt for any other, also another tenant's.
std::optional<std::string> owner_of_uri(std::string_view uri, std::string_view tenant);
/// 1 to 63 of a-z, 0-9 and '-'.
bool is_owner_name(std::string_view name);

}  // namespace attestation
