#include "base/toml_strings.h"

#include <algorithm>

#include "base/error.h"

namespace base {
namespace {

constexpr std::string_view multi_line = "'''";

class Reader {
 public:
  Reader(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  Json document() {
    Json root = Json::Object{};
    Json* table = &root;
    for (skip_empty_lines(); at_ < text_.size(); skip_empty_lines()) {
      if (accept("[")) {
        table = &add(root, key(), Json::Object{});
        expect("]", "] after the name of a table");
      } else {
        const std::string name = key();
        expect("=", "= after a key");
        add(*table, name, Json(value()));
      }
      end_line();
    }
    return root;
  }

 private:
  [[noreturn]] void fail(std::string_view wanted) const {
    const auto lines = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
    const std::string_view got = text_.substr(at_, std::min<std::size_t>(text_.find('\n', at_) - at_, 40));
    throw Error(Kind::malformed, std::string(name_) + ":" + std::to_string(lines) + ": got '" + std::string(got) +
                                     "', wanted " + std::string(wanted));
  }
  [[nodiscard]] char next() const { return at_ < text_.size() ? text_[at_] : '\n'; }
  bool accept(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  void skip_blanks() {
    while (at_ < text_.size() && (next() == ' ' || next() == '\t')) ++at_;
  }
  void expect(std::string_view token, std::string_view wanted) {
    skip_blanks();
    if (!accept(token)) fail(wanted);
    skip_blanks();
  }
  void skip_comment() {
    skip_blanks();
    if (next() == '#') at_ = std::min(text_.find('\n', at_), text_.size());
  }
  void skip_empty_lines() {
    for (skip_comment(); accept("\n");) skip_comment();
  }
  void end_line() {
    skip_comment();
    if (at_ < text_.size() && !accept("\n")) fail("the end of the line");
  }

  Json& add(Json& to, const std::string& key, Json value) {
    if (to.find(key) != nullptr) fail("no second '" + key + "'");
    return to[key] = std::move(value);
  }

  std::string key() {
    skip_blanks();
    if (next() == '"') return basic();
    if (next() == '\'') return literal();
    const std::size_t begin = at_;
    const auto bare = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    while (bare(next())) ++at_;
    if (at_ == begin) fail("a key");
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string value() {
    if (accept(multi_line)) return multi_line_literal();
    if (next() == '\'') return literal();
    if (text_.substr(at_).starts_with("\"\"\"") || next() != '"') fail("a text in ', ''' or \"");
    return basic();
  }

  char content(std::string_view also_allowed) {
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (control && c != '\t' && (c == '\0' || also_allowed.find(c) == also_allowed.npos)) fail("a text that ends");
    ++at_;
    return c;
  }
  std::string multi_line_literal() {
    accept("\n");
    std::string out;
    while (!accept(multi_line)) out += content("\n");
    return out;
  }
  std::string literal() {
    accept("'");
    std::string out;
    while (!accept("'")) out += content("");
    return out;
  }
  std::string basic() {
    accept("\"");
    std::string out;
    while (!accept("\"")) {
      const char c = content("");
      out += c == '\\' ? escaped() : c;
    }
    return out;
  }
  char escaped() {
    constexpr std::string_view letters = "\"\\nrt", meanings = "\"\\\n\r\t";
    const std::size_t which = letters.find(next());
    if (which == letters.npos || at_ == text_.size()) fail("one of \\\" \\\\ \\n \\r \\t");
    ++at_;
    return meanings[which];
  }

  std::string_view text_, name_;
  std::size_t at_ = 0;
};

}  // namespace

Json parse_toml_strings(std::string_view text, std::string_view name) {
  return Reader(text, name).document();
}

}  // namespace base
