#pragma once
#include <string>

#include "base/json.h"
#include "cli/console.h"

namespace cli {

/// What Intel certified of the platform behind a TDX quote, or behind a PCK certificate (PEM or DER), and what to
/// obtain of Intel to verify its quotes: bulkhead.host-identity/v1 with "tee": "tdx".
/// @throws base::Error{malformed} for a file that is neither, or a quote that names its PCK certificate only
base::Json tdx_host_identity(const std::string& path);
void print_tdx_host_identity(const base::Json& identity, Console& console);

}  // namespace cli
