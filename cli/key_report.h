#pragma once
#include <string>
#include <vector>

#include "attestation/service_state.h"

/// A tenant's keys as verbs show them.
namespace cli {

/// "worker/0/data: rotating, versions 1 and 2, 1 older version not erased yet"
std::string key_text(const attestation::KeyStanding& key);
/// {"problem": text or null, "keys": [{"name","state","version","next","unerased"}], "credential": {"ends","problem"}
/// or null}
base::Json keys_json(const attestation::ServiceState& service);
/// "acme: key worker/0/data: in-use, version 1", a line each.
std::string key_lines(const std::string& tenant, const attestation::ServiceState& service);
/// "acme: 2 keys destroyed", and each in a line.
std::string shredded_text(const std::string& tenant, const std::vector<std::string>& names);
/// A line when the service gives no key to anybody, or cannot say which there are; else "".
std::string key_problem_line(const std::string& tenant, const attestation::ServiceState& service);

/// "the credential for it ends 2026-12-03T10:00:00Z and cannot be renewed", or why it is not; "" when there is nothing
/// to be known.
std::string credential_text(const attestation::ServiceState& service);

}  // namespace cli
