#pragma once
#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/service_access.h"

namespace cli {

/// What an administrator does to the keys that a running service has.
struct KeyOptions {
  std::string tenant;
  std::vector<std::string> keys;  ///< "worker/0/data"
  bool all = false;               ///< instead of `keys`: every key that it can be done to
  bool abandon = false;           ///< end rotations instead of beginning them
  ServiceAccess service;
};

/// Begins the rotation of keys, or abandons it.
int rotate_keys(const KeyOptions& options, Console& console);
/// Erases what interrupted changes of keys left.
int settle_keys(const KeyOptions& options, Console& console);

}  // namespace cli
