#include "cli/console.h"

namespace cli {

std::string coloured(const Console& console, const std::string& text, const char* sgr) {
  return console.colour ? std::string("\033[") + sgr + "m" + text + "\033[0m" : text;
}

}  // namespace cli
