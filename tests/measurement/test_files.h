#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/bytes.h"

namespace measurement::testing_files {

inline base::Buffer read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// The shared vectors: $BULKHEAD_VECTORS, else beside the source tree. They may be absent.
inline std::filesystem::path vectors() {
  if (const char* set = std::getenv("BULKHEAD_VECTORS")) return set;
  return std::filesystem::path(BULKHEAD_SOURCE_DIR) / ".." / "shared" / "vectors";
}

inline std::filesystem::path data() {
  return std::filesystem::path(BULKHEAD_TEST_DATA) / "measurement";
}

}  // namespace measurement::testing_files
