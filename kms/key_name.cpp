#include "kms/key_name.h"

#include <algorithm>

#include "base/error.h"

namespace kms {
namespace {

constexpr std::size_t longest_part = 40;
constexpr unsigned most_parts = 4;

bool is_part(std::string_view part) {
  return !part.empty() && part.size() <= longest_part && part.front() != '-' &&
         part.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

bool is_name(std::string_view text) {
  for (unsigned parts = 1;; ++parts) {
    const std::size_t slash = text.find('/');
    if (parts > most_parts || !is_part(text.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
  }
}

}  // namespace

KeyName KeyName::parse(std::string_view text) {
  if (!is_name(text)) {
    // Shown shortened and printable: it may come from a stranger.
    std::string shown(text.substr(0, 80));
    std::replace_if(shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    throw base::Error(base::Kind::malformed,
                      "key name: got '" + shown + "', wanted 1 to 4 parts of 1 to 40 [a-z0-9-] with / between them");
  }
  return KeyName(text);
}

}  // namespace kms
