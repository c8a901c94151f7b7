#pragma once

namespace cli {

/// The product's version; CMake passes the project's.
inline constexpr const char* version = BULKHEAD_VERSION;

}  // namespace cli
