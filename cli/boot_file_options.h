#pragma once
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace cli {

/// The files and the command line of a launch, for the verbs that need no tenant file.
struct BootFileOptions {
  std::string firmware;
  std::optional<std::string> kernel, initrd;
  std::optional<std::string> command_line;  ///< without a terminating NUL
};

enum class FirmwareFlag { required, optional };
/// Adds --firmware, --kernel, --initrd and --cmdline; at most --firmware is required.
void add_boot_file_options(CLI::App& verb, BootFileOptions& options, FirmwareFlag firmware = FirmwareFlag::required);

}  // namespace cli
