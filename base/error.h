#pragma once
#include <stdexcept>
#include <string>

namespace base {

/// Why the program cannot go on; decides the exit code (docs/exit-codes.md).
enum class Kind {
  failure,       ///< a finding, a refusal or a failed operation: exit 1
  malformed,     ///< bytes or a document that do not parse: exit 3
  host,          ///< the host or its hypervisor cannot do it: exit 4
  not_attested,  ///< evidence that is missing, not genuine or not approved: exit 5
  usage,         ///< the command line makes no sense: exit 64
};

/// The one exception of the house: "cannot go on". Expected answers such as "not attested yet" are values instead.
/// The message has field, got, wanted and where, and a hint when there is one.
class Error : public std::runtime_error {
 public:
  Error(Kind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  [[nodiscard]] Kind kind() const noexcept { return kind_; }

 private:
  Kind kind_;
};

/// The process exit code that stands for `kind`.
constexpr int exit_code(Kind kind) noexcept {
  switch (kind) {
    case Kind::failure:
      return 1;
    case Kind::malformed:
      return 3;
    case Kind::host:
      return 4;
    case Kind::not_attested:
      return 5;
    case Kind::usage:
      return 64;
  }
  return 1;
}

}  // namespace base
