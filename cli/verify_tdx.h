#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/console.h"

namespace cli {

struct VerifyTdxOptions {
  std::string quote;
  std::vector<std::string> collateral, certificates;  ///< files and folders
  std::optional<std::string> store;                   ///< of `bulkhead certificates import`
  std::optional<std::string> time, report_data;
  std::int64_t grace_days = 0;
  std::int64_t minimum_evaluation_number = 0;
  bool json = false;
};

/// Says whether a TDX quote is genuine and every check that decided it. Exit 0 genuine, 5 not.
/// @throws base::Error{malformed} for files that do not parse; Error{usage} for flags that make no sense
int verify_tdx(const VerifyTdxOptions& options, Console& console);

}  // namespace cli
