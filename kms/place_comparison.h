#pragma once
#include <string>
#include <vector>

#include "kms/connection_files.h"
#include "kms/place.h"

namespace kms {

/// Each way in which the connection leads elsewhere: "namespace: got rival, wanted acme".
/// @param files where the connection's certificates are read
std::vector<std::string> differences(const Connection& connection, const ConnectionFiles& files, const Place& place);

}  // namespace kms
