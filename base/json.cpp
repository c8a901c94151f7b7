#include "base/json.h"

#include <algorithm>

#include "base/error.h"

namespace base {
namespace {

const char* type_name(const Json& json) {
  if (json.is_null()) return "null";
  if (json.is_bool()) return "a boolean";
  if (json.is_integer()) return "an integer";
  if (json.is_double()) return "a number";
  if (json.is_string()) return "a string";
  return json.is_array() ? "an array" : "an object";
}

[[noreturn]] void wrong_type(const char* wanted, const Json& got) {
  throw Error(Kind::malformed, std::string("wanted ") + wanted + ", got " + type_name(got));
}

}  // namespace

Json::Json(const Json& other) = default;
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(const Json& other) = default;
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;

bool Json::boolean() const {
  if (!is_bool()) wrong_type("a boolean", *this);
  return std::get<bool>(value_);
}

std::int64_t Json::integer() const {
  if (!is_integer()) wrong_type("an integer", *this);
  return std::get<std::int64_t>(value_);
}

double Json::number() const {
  if (is_integer()) return static_cast<double>(std::get<std::int64_t>(value_));
  if (!is_double()) wrong_type("a number", *this);
  return std::get<double>(value_);
}

const std::string& Json::text() const {
  if (!is_string()) wrong_type("a string", *this);
  return std::get<std::string>(value_);
}

const Json::Array& Json::array() const {
  if (!is_array()) wrong_type("an array", *this);
  return std::get<Array>(value_);
}

const Json::Object& Json::object() const {
  if (!is_object()) wrong_type("an object", *this);
  return std::get<Object>(value_);
}

Json::Array& Json::array() {
  if (!is_array()) wrong_type("an array", *this);
  return std::get<Array>(value_);
}

Json::Object& Json::object() {
  if (!is_object()) wrong_type("an object", *this);
  return std::get<Object>(value_);
}

const Json& Json::at(std::string_view key) const {
  const Object& members = object();
  const auto member = members.find(key);
  if (member == members.end()) throw Error(Kind::malformed, "missing member '" + std::string(key) + "'");
  return member->second;
}

const Json* Json::find(std::string_view key) const noexcept {
  if (!is_object()) return nullptr;
  const Object& members = std::get<Object>(value_);
  const auto member = members.find(key);
  return member == members.end() ? nullptr : &member->second;
}

Json& Json::operator[](std::string_view key) {
  if (is_null()) value_ = Object{};
  return object()[std::string(key)];
}

void Json::push_back(Json value) {
  if (is_null()) value_ = Array{};
  array().push_back(std::move(value));
}

void expect_members(const Json& object, std::initializer_list<std::string_view> allowed, std::string_view name) {
  for (const auto& [key, value] : object.object()) {
    if (std::find(allowed.begin(), allowed.end(), key) == allowed.end()) {
      throw Error(Kind::malformed, std::string(name) + ": unknown member '" + key + "'");
    }
  }
}

}  // namespace base
