#include "tenants/form.h"

#include <algorithm>

namespace tenants {
namespace {

/// The number of single-letter edits that turn `a` into `b` (Levenshtein).
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row[b.size()];
}

/// "; did you mean 'X'?" or the keys there are.
std::string hint(const std::string& key, const std::vector<std::pair<std::string, bool>>& known) {
  std::string all;
  for (const auto& [name, required] : known) {
    if (key.size() <= name.size() + 2 && edits(key, name) <= (name.size() < 5 ? 1U : 2U))
      return "; did you mean '" + name + "'?";
    all += (all.empty() ? "" : ", ") + name;
  }
  return "; known are " + all;
}

bool is_number(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  if (text.starts_with("0x") || text.starts_with("0o")) return true;
  const std::size_t exponent = text.find_first_of("eE");
  std::string_view mantissa = text.substr(0, exponent);
  const auto digits = [](std::string_view part) {
    return part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  const std::size_t dot = mantissa.find('.');
  const std::string whole(mantissa.substr(0, dot));
  const std::string fraction(dot == std::string_view::npos ? "" : mantissa.substr(dot + 1));
  if (!digits(whole) || !digits(fraction) || whole.size() + fraction.size() == 0) return false;
  if (exponent == std::string_view::npos) return true;
  std::string_view power = text.substr(exponent + 1);
  if (!power.empty() && (power[0] == '-' || power[0] == '+')) power.remove_prefix(1);
  return !power.empty() && digits(power);
}

std::string described(const Node& node) {
  constexpr std::size_t enough = 80;
  switch (node.kind) {
    case Node::Kind::empty:
      return "nothing";
    case Node::Kind::list:
      return node.items.empty() ? "an empty list" : "a list of " + std::to_string(node.items.size());
    case Node::Kind::map:
      return "a map";
    case Node::Kind::scalar:
      break;
  }
  std::string shown = node.text.substr(0, enough);
  std::replace(shown.begin(), shown.end(), '\n', ' ');
  return "'" + shown + (node.text.size() > enough ? "...'" : "'");
}

}  // namespace

void report_unexpected(const Node& node, const std::string& path, const std::string& wanted,
                       base::Diagnostics& diagnostics) {
  const std::string name = path.empty() ? "" : path + ": ";
  diagnostics.error(node.where, name + "expected " + wanted + ", got " + described(node));
}

bool is_ambiguous(const Node& scalar) {
  constexpr std::string_view words[] = {"true", "True", "TRUE", "false", "False", "FALSE", ".nan",
                                        ".NaN", ".NAN", ".inf", ".Inf",  ".INF",  "-.inf", "+.inf"};
  if (scalar.quoted) return false;
  return is_number(scalar.text) || std::find(std::begin(words), std::end(words), scalar.text) != std::end(words);
}

bool check_keys(const Node& node, const std::string& path, const std::vector<std::pair<std::string, bool>>& known,
                base::Diagnostics& diagnostics) {
  if (node.kind != Node::Kind::map) {
    report_unexpected(node, path, "a map", diagnostics);
    return false;
  }
  const std::string name = path.empty() ? "" : path + ": ";
  for (const Member& member : node.members) {
    const bool is_known = std::any_of(known.begin(), known.end(), [&](const auto& k) { return k.first == member.key; });
    if (!is_known) {
      const std::string shown = member.key.substr(0, 80);
      diagnostics.error(member.where, name + "unknown key '" + shown + "'" + hint(shown, known));
    }
  }
  for (const auto& [key, required] : known) {
    if (required && node.find(key) == nullptr) diagnostics.error(node.named_at, name + "missing key '" + key + "'");
  }
  return true;
}

}  // namespace tenants
