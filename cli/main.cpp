#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string_view>

#include "cli/verbs.h"

namespace {

bool shows_colours() {
  const char* const terminal = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  cli::Console console{std::cout, std::cerr, shows_colours(),
                       ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1};
  try {
    return cli::run(argc, argv, console);
  } catch (const std::exception& error) {
    std::cerr << "bulkhead: " << error.what() << "\n";
    return 1;
  }
}
