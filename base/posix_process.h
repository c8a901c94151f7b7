#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

/// Running other programs, never through a shell. Only shells of rooms (adapters) use it.
namespace base {

struct ProcessResult {
  int exit_code = -1;  ///< 128 + signal when killed
  std::string output;  ///< standard output, at most `output_limit` bytes
  std::string errors;  ///< standard error, likewise
};

struct ProcessOptions {
  std::string input;                     ///< given on standard input
  std::vector<std::string> environment;  ///< "NAME=value" on top of PATH, LC_ALL=C and nothing else
  std::optional<int> network_namespace;  ///< an open namespace file to enter first
  std::size_t output_limit = 16U << 20U;
};

/// Runs argv[0] from PATH and waits for it.
/// @throws Error{host} when it cannot be started: "cannot run 'ip': No such file or directory; install iproute2"
ProcessResult run(const std::vector<std::string>& argv, const ProcessOptions& options = {});
/// run(), and @throws Error{host} with the program's own words when it does not exit with 0.
std::string run_or_throw(const std::vector<std::string>& argv, const ProcessOptions& options = {});

}  // namespace base
