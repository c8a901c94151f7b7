#pragma once
#include <sstream>
#include <string>
#include <vector>

#include "cli/verbs.h"

namespace cli {

/// What a command line did.
struct Ran {
  int code = 0;
  std::string out, err;
};

/// Runs `bulkhead WORDS..` in this process.
inline Ran run_command(std::vector<std::string> words) {
  std::vector<const char*> arguments{"bulkhead"};
  for (const std::string& word : words) arguments.push_back(word.c_str());
  std::ostringstream out, err;
  Console console{out, err};
  const int code = run(static_cast<int>(arguments.size()), arguments.data(), console);
  return {code, out.str(), err.str()};
}

}  // namespace cli
