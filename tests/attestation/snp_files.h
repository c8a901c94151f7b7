#pragma once
#include <cstdlib>
#include <string>

#include "base/encoding.h"
#include "base/posix_files.h"
#include "base/x509.h"

/// Files of other people's reports and certificates.
namespace attestation::snp_files {

inline base::Buffer read(const std::string& path) {
  const auto content = base::read_file_if_any(path);
  return content ? base::buffer_of(base::bytes_of(*content)) : base::Buffer();
}
/// A report of tests/data/measurement/snp-reports.
inline base::Buffer recorded_report(const std::string& name) {
  std::string digits = base::text_of(read(std::string(BULKHEAD_TEST_DATA) + "/measurement/snp-reports/" + name));
  std::erase(digits, '\n');
  return base::from_hex(digits).value();
}
inline base::X509Certificate recorded_certificate(const std::string& name) {
  const std::string path = std::string(BULKHEAD_TEST_DATA) + "/attestation/snp/" + name;
  return base::parse_x509(read(path), name).certificates.at(0);
}
/// A shared vector: $BULKHEAD_VECTORS, else beside the source tree; empty when it is absent.
inline base::Buffer vector(const std::string& name) {
  const char* const set = std::getenv("BULKHEAD_VECTORS");
  return read((set != nullptr ? set : BULKHEAD_SOURCE_DIR "/../shared/vectors") + ("/" + name));
}

}  // namespace attestation::snp_files
