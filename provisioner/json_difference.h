#pragma once
#include <string>
#include <vector>

#include "base/json.h"

namespace provisioner {

/// Names every place where two documents differ: "guests[0].launch.kernel: got \"12..\", wanted \"ab..\"". Of long
/// values the part around the first difference is shown. Empty when they are equal.
std::vector<std::string> json_differences(const base::Json& got, const base::Json& wanted);

}  // namespace provisioner
