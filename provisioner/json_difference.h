#pragma once
#include <string>
#include <vector>

#include "base/json.h"

namespace provisioner {

/// Names every place where two documents differ: "guests[0].launch.kernel: got \"12..\", wanted \"ab..\"". Long values
/// are cut. Empty when they are equal.
std::vector<std::string> json_differences(const base::Json& got, const base::Json& wanted);

}  // namespace provisioner
