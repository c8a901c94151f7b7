#pragma once
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/initdata.h"
#include "base/secret.h"
#include "guest/tpm.h"

namespace guest {

/// The digest that the kernel command line announces in its one word `bulkhead.initdata=sha256:HEX`.
/// @throws Error{malformed} when there is none, more than one, or it is no SHA-256
base::Sha256 announced_digest(std::string_view command_line);

/// Reads the config disk and checks its initdata against the digest the measured command line announces, before any
/// of it is parsed. @return the document, verbatim. @throws Error{not_attested} when they differ
std::string checked_initdata(base::Bytes config_disk, std::string_view command_line);

/// Proves to the tenant's own service what this guest is, and receives the bootstrap secret. A service that cannot be
/// reached yet is tried again for up to `patience_seconds`; a refusal is final.
/// @throws Error{not_attested} in the service's words
base::Secret fetch_bootstrap_secret(const base::Initdata& initdata, const std::string& document, const Tpm& tpm,
                                    unsigned patience_seconds);

}  // namespace guest
