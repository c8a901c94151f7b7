#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "provisioner/machine_bus.h"

namespace provisioner {

/// A QEMU that runs for as long as this object lives, with its qtest and monitor channels connected to us by sockets
/// that have no name. Everything it says is checked; it has `patience` for all of it.
class QemuProcess {
 public:
  struct Options {
    std::string program = "qemu-system-x86_64";  ///< a path, or a name in PATH
    std::vector<std::string> arguments;          ///< the machine's; the channels are added
    std::vector<int> inherited;                  ///< descriptors the arguments name
    unsigned patience_seconds = 20;
  };
  /// @throws base::Error{host} when it is not installed (with the remedy) or does not take its arguments (in its words)
  explicit QemuProcess(const Options& options);
  ~QemuProcess();

  MachineBus& bus();
  /// Executes a command of the machine protocol. @return its "return" member
  /// @throws base::Error{host} in QEMU's words when it refuses or is gone
  base::Json command(const std::string& name, const base::Json& arguments = {});
  /// Whether it has ended by itself, and if so its last words.
  std::optional<std::string> ended();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace provisioner
