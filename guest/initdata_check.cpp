#include "guest/initdata_check.h"

#include <algorithm>
#include <optional>

#include "base/crypto.h"
#include "base/error.h"

namespace guest {
namespace {

constexpr std::string_view blanks = " \t\n";

[[noreturn]] void refuse(const std::string& why) {
  throw base::Error(base::Kind::not_attested, why);
}

/// Takes the first word off a command line; empty between two blanks.
std::string_view next_word(std::string_view& command_line) {
  const std::size_t end = std::min(command_line.find_first_of(blanks), command_line.size());
  const std::string_view word = command_line.substr(0, end);
  command_line.remove_prefix(std::min(end + 1, command_line.size()));
  return word;
}

}  // namespace

bool has_command_line_word(std::string_view command_line, std::string_view name) {
  while (!command_line.empty()) {
    const std::string_view word = next_word(command_line);
    if (word.substr(0, word.find('=')) == name) return true;
  }
  return false;
}

std::string_view command_line_value(std::string_view command_line, std::string_view name) {
  std::optional<std::string_view> value;
  while (!command_line.empty()) {
    const std::string_view word = next_word(command_line);
    const std::size_t equals = word.find('=');
    if (word.substr(0, equals) != name) continue;
    if (value) refuse("the kernel command line has the word " + std::string(name) + " twice");
    value = equals == word.npos ? std::string_view() : word.substr(equals + 1);
  }
  if (!value) refuse("the kernel command line has no word " + std::string(name));
  return *value;
}

base::Sha256 measured_initdata_digest(std::string_view command_line) {
  constexpr std::string_view algorithm = "sha256:";
  const std::string_view value = command_line_value(command_line, initdata_word);
  const auto digest = value.starts_with(algorithm) ? base::Sha256::parse(value.substr(algorithm.size())) : std::nullopt;
  if (!digest) {
    refuse("kernel command line: " + std::string(initdata_word) + ": got '" + std::string(value.substr(0, 100)) +
           "', wanted sha256:<64 hexadecimal digits>");
  }
  return *digest;
}

void check_initdata(std::string_view initdata, std::string_view command_line) {
  const base::Sha256 wanted = measured_initdata_digest(command_line);
  const base::Sha256 got = base::sha256(base::bytes_of(initdata));
  if (got != wanted) {
    refuse("initdata differs from the measured one: got sha256 " + got.hex() + ", wanted " + wanted.hex());
  }
}

}  // namespace guest
