#pragma once
#include <vector>

#include "attestation/check.h"
#include "base/json.h"
#include "base/x509.h"
#include "cli/console.h"

/// What every `bulkhead verify ..` says in the same way.
namespace cli {

base::Json checks_json(const std::vector<attestation::Check>& checks);
/// {"subject", "issuer", "serial", "sha256", "notBefore", "notAfter"}
base::Json certificate_json(const base::X509Certificate& certificate);

/// The members of an object, one a line; one that is an object shows its member "value" and the parts that are set.
void print_fields(const base::Json& fields, Console& console);

/// A line a check, "ok", "FAILED", "warning" (failed, advisory) or "-" (not checked) before it; then the verdict.
void print_checks(const std::vector<attestation::Check>& checks, Console& console);

/// The time given on the command line, else the clock's. @throws base::Error{usage} when it is no time
std::int64_t verification_time(const std::optional<std::string>& given);

}  // namespace cli
