#pragma once
#include <ostream>
#include <string>

namespace cli {

/// Where a verb writes and how: facts to `out`, progress and messages to `err`, colours only on a terminal.
struct Console {
  std::ostream& out;
  std::ostream& err;
  bool colour = false;       ///< `out` is a terminal, TERM is not "dumb" and NO_COLOR is not set
  bool interactive = false;  ///< standard input and `err` are terminals, so a question can be asked
};

/// `text` in an SGR colour ("31" red, "32" green, "33" yellow, "1" bold) when the console shows colours.
std::string coloured(const Console& console, const std::string& text, const char* sgr);

}  // namespace cli
