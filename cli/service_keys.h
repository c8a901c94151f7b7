#pragma once
#include <cstdint>

#include "base/json.h"
#include "cli/tenant_ca.h"

namespace cli {

/// New keys of a service with their certificates under its tenant's CA, put into its bundle in place of any there: TLS
/// for the host of the bundle's `url`, token, and a CA of guests where the tenant's CA leaves room for one.
/// @param bundle with `tenant` and `url` @param days how long they are valid from now on
/// @return whether there is a CA of guests in it
/// @throws Error{usage} when `url` is none; Error{failure} when the CA signs nothing that counts now
bool put_service_keys(base::Json& bundle, const TenantCa& ca, std::int64_t days);

/// Said when put_service_keys() found no room for one.
inline constexpr const char* no_ca_of_guests =
    "this CA was made without room for a CA of guests: the service will issue no certificates\n";

}  // namespace cli
