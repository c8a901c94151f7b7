#pragma once
#include <string>

namespace cli {

/// Where this installation keeps its own programs, found from the running program's place (so that a build tree works
/// as an installed one does): BIN/../lib/bulkhead/guest/bulkhead-guest and BIN/../libexec/bulkhead/bulkhead-attestd.
std::string guest_program();
std::string attestd_program();

}  // namespace cli
