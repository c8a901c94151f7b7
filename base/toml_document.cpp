#include "base/toml_document.h"

// The header alone: its shared library would bring a second C++ run time into the guest's initrd.
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include "base/error.h"

namespace base {
namespace {

/// Also bounds the depth of dotted keys ("a.b.c"), which toml++ and converted() walk recursively: two bytes a level.
constexpr std::size_t longest_document = 16U << 10U;

[[noreturn]] void fail(std::string_view name, const toml::source_position& at, std::string_view what) {
  throw Error(Kind::malformed, std::string(name) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) +
                                   ": " + std::string(what));
}

Json converted(const toml::node& node, std::string_view name) {
  if (const auto* text = node.as_string()) return Json(text->get());
  if (const auto* number = node.as_integer()) return Json(number->get());
  if (const auto* boolean = node.as_boolean()) return Json(boolean->get());
  if (const auto* array = node.as_array()) {
    Json::Array items;
    for (const toml::node& item : *array) items.push_back(converted(item, name));
    return Json(std::move(items));
  }
  if (const auto* table = node.as_table()) {
    Json::Object members;
    for (const auto& [key, value] : *table) members.emplace(std::string(key.str()), converted(value, name));
    return Json(std::move(members));
  }
  fail(name, node.source().begin, "a number with a fraction, a date or a time, wanted a text, an integer or a boolean");
}

}  // namespace

Json parse_toml(std::string_view text, std::string_view name) {
  if (text.size() > longest_document) {
    throw Error(Kind::malformed, std::string(name) + ": " + std::to_string(text.size()) + " bytes, wanted at most " +
                                     std::to_string(longest_document));
  }
  try {
    return converted(toml::parse(text), name);
  } catch (const toml::parse_error& error) {
    fail(name, error.source().begin, error.description());
  }
}

}  // namespace base
