#include "provisioner/json_difference.h"

#include <algorithm>

namespace provisioner {
namespace {

using base::Json;

constexpr std::size_t longest_value = 80;  ///< characters of a value in a message

std::string brief(const Json* value) {
  if (value == nullptr) return "nothing";
  std::string text = value->compact();
  if (text.size() > longest_value) text = text.substr(0, longest_value) + "...";
  return text;
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
  found.push_back(place + ": got " + brief(got) + ", wanted " + brief(wanted));
}

}  // namespace

std::vector<std::string> json_differences(const Json& got, const Json& wanted) {
  std::vector<std::string> found;
  compare(&got, &wanted, "", found);
  return found;
}

}  // namespace provisioner
