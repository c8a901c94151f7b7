#include "base/json_text.h"

#include "base/error.h"
#include "base/json.h"

namespace base {
namespace {

constexpr std::string_view white_space = " \t\n\r";

[[noreturn]] void refuse(std::string_view name, const std::string& wanted) {
  throw Error(Kind::malformed, std::string(name) + ": wanted " + wanted);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

/// Steps over well-formed JSON one character at a time and knows whether it is inside a string, and how deep.
class Scanner {
 public:
  void step(char c) {
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
      return;
    }
    if (c == '"') in_string_ = true;
    if (c == '{' || c == '[') ++depth_;
    if (c == '}' || c == ']') --depth_;
  }
  [[nodiscard]] bool in_string() const { return in_string_; }
  [[nodiscard]] bool at_top() const { return !in_string_ && depth_ == 0; }

 private:
  bool in_string_ = false, escaped_ = false;
  int depth_ = 0;
};

/// What stands between the brackets of `text`, the first of which is `open`, cut at its own commas.
std::vector<std::string_view> parts(std::string_view text, char open) {
  const std::string_view brackets = trimmed(text.substr(text.find(open)));  // a byte order mark may precede it
  const std::string_view inside = trimmed(brackets.substr(1, brackets.size() - 2));
  std::vector<std::string_view> found;
  if (inside.empty()) return found;
  Scanner scanner;
  std::size_t start = 0;
  for (std::size_t at = 0; at < inside.size(); ++at) {
    if (inside[at] == ',' && scanner.at_top()) {
      found.push_back(trimmed(inside.substr(start, at - start)));
      start = at + 1;
    }
    scanner.step(inside[at]);
  }
  found.push_back(trimmed(inside.substr(start)));
  return found;
}

std::size_t colon_of(std::string_view member) {
  Scanner scanner;
  for (std::size_t at = 0; at < member.size(); ++at) {
    if (member[at] == ':' && scanner.at_top()) return at;
    scanner.step(member[at]);
  }
  return member.size();
}

}  // namespace

std::vector<JsonMemberText> json_members(std::string_view text, std::string_view name) {
  if (!Json::parse(text, name).is_object()) refuse(name, "an object");  // now it is well-formed, with no key twice
  std::vector<JsonMemberText> members;
  for (const std::string_view part : parts(text, '{')) {
    const std::size_t colon = colon_of(part);
    members.push_back({Json::parse(part.substr(0, colon), name).text(), trimmed(part.substr(colon + 1))});
  }
  return members;
}

std::vector<std::string_view> json_elements(std::string_view text, std::string_view name) {
  if (!Json::parse(text, name).is_array()) refuse(name, "an array");
  return parts(text, '[');
}

std::string without_white_space(std::string_view json, std::string_view name) {
  (void)Json::parse(json, name);
  std::string compact;
  Scanner scanner;
  for (const char c : json) {
    if (!scanner.in_string() && white_space.find(c) != std::string_view::npos) continue;
    compact += c;
    scanner.step(c);
  }
  return compact;
}

}  // namespace base
