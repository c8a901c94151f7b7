#pragma once
#include <string>

namespace base {

/// A module of this installation: a shared library of ours that only some verbs need.
struct ModuleName {
  std::string file;           ///< "bulkhead-host.so"
  const char* symbol;         ///< of its one exported function
  std::string installed_lib;  ///< the libdir this installation was configured with
  std::string needed_for;     ///< for the message: "verbs that touch a host or a disk need; install bulkhead-host"
};

/// Loads it from beside the program (../lib/bulkhead, as in a build tree) or from the installed libdir.
/// @return the function. @throws Error{host} naming every place tried and why it failed
void* load_module(const ModuleName& name);

}  // namespace base
