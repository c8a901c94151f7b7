#pragma once
#include <optional>
#include <string>

#include "cli/console.h"

namespace cli {

/// An event log and what it is compared with.
struct ReplayOptions {
  std::string log;
  bool ccel = false, tpm = false;    ///< whose registers it extends; neither: the log tells
  std::optional<std::string> table;  ///< the ACPI table CCEL that describes the log
  std::optional<std::string> prediction, quote, pcrs;
  bool json = false;
};

/// Shows registers and events of a log and compares them. Exit 5 when something it is compared with does not match.
int replay(const ReplayOptions& options, Console& console);

}  // namespace cli
