#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/console.h"

namespace cli {

struct VerifySnpOptions {
  std::string report;
  std::vector<std::string> certificates, revocation_lists;  ///< files and folders
  std::optional<std::string> store;                         ///< of `bulkhead certificates import`
  std::optional<std::string> time, product, report_data;
  std::optional<std::uint32_t> minimum_version;
  bool require_revocation_lists = false;
  bool json = false;
};

/// Says whether an SNP report is genuine and every check that decided it. Exit 0 genuine, 5 not.
/// @throws base::Error{malformed} for files that do not parse; Error{usage} for flags that make no sense
int verify_snp(const VerifySnpOptions& options, Console& console);

}  // namespace cli
