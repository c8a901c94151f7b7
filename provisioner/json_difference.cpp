#include "provisioner/json_difference.h"

#include <algorithm>

namespace provisioner {
namespace {

using base::Json;

constexpr std::size_t longest_value = 80;  ///< characters of a value in a message
constexpr std::size_t context = 30;        ///< characters before the first that differs

std::string brief(const std::string& text, std::size_t from) {
  return (from > 0 ? "..." : "") + text.substr(from, longest_value) + (text.size() - from > longest_value ? "..." : "");
}

/// "got .., wanted .."; of long values the part around the first character that differs.
std::string got_and_wanted(const Json* got_value, const Json* wanted_value) {
  const std::string got = got_value == nullptr ? "nothing" : got_value->compact();
  const std::string wanted = wanted_value == nullptr ? "nothing" : wanted_value->compact();
  const auto differs = std::mismatch(got.begin(), got.end(), wanted.begin(), wanted.end()).first;
  const auto equal = static_cast<std::size_t>(differs - got.begin());
  const bool fits = std::max(got.size(), wanted.size()) <= longest_value;
  const std::size_t from = fits || equal <= context ? 0 : equal - context;
  return "got " + brief(got, from) + ", wanted " + brief(wanted, from);
}

std::string member_place(const std::string& place, const std::string& member) {
  return place.empty() ? member : place + "." + member;
}

void compare(const Json* got, const Json* wanted, const std::string& place, std::vector<std::string>& found);

void compare_objects(const Json& got, const Json& wanted, const std::string& place, std::vector<std::string>& found) {
  for (const auto& [key, value] : wanted.object()) compare(got.find(key), &value, member_place(place, key), found);
  for (const auto& [key, value] : got.object()) {
    if (wanted.find(key) == nullptr) compare(&value, nullptr, member_place(place, key), found);
  }
}

void compare_lists(const Json::Array& got, const Json::Array& wanted, const std::string& place,
                   std::vector<std::string>& found) {
  for (std::size_t i = 0; i < std::max(got.size(), wanted.size()); ++i) {
    compare(i < got.size() ? &got[i] : nullptr, i < wanted.size() ? &wanted[i] : nullptr,
            place + "[" + std::to_string(i) + "]", found);
  }
}

void compare(const Json* got, const Json* wanted, const std::string& place, std::vector<std::string>& found) {
  if (got != nullptr && wanted != nullptr) {
    if (got->is_object() && wanted->is_object()) return compare_objects(*got, *wanted, place, found);
    if (got->is_array() && wanted->is_array()) return compare_lists(got->array(), wanted->array(), place, found);
    if (*got == *wanted) return;
  }
  found.push_back(place + ": " + got_and_wanted(got, wanted));
}

}  // namespace

std::vector<std::string> json_differences(const Json& got, const Json& wanted) {
  std::vector<std::string> found;
  compare(&got, &wanted, "", found);
  return found;
}

}  // namespace provisioner
