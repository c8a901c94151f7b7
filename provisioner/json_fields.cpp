#include "provisioner/json_fields.h"

#include <algorithm>

#include "base/error.h"

namespace provisioner {
namespace {

[[noreturn]] void fail_at(const std::string& where, const std::string& what) {
  throw base::Error(base::Kind::malformed, where + ": " + what);
}

/// The value's kind as a person calls it.
const char* kind_of(const base::Json& json) {
  if (json.is_null()) return "null";
  if (json.is_bool()) return "true or false";
  if (json.is_string()) return "a text";
  if (json.is_array()) return "a list";
  return json.is_object() ? "an object" : "a number";
}

std::optional<base::Sha256> lower_case_digest(const std::string& text) {
  const auto digest = base::Sha256::parse(text);
  return digest && digest->hex() == text ? digest : std::nullopt;
}

}  // namespace

JsonFields::JsonFields(const base::Json& object, std::string where, std::initializer_list<std::string_view> members)
    : object_(object), where_(std::move(where)) {
  if (!object.is_object()) fail_at(where_, std::string("wanted an object, got ") + kind_of(object));
  for (const auto& [key, value] : object.object()) {
    if (std::find(members.begin(), members.end(), key) == members.end())
      fail_at(where_, "unknown member '" + key + "'");
  }
  for (const std::string_view member : members) static_cast<void>(at(member));
}

const base::Json& JsonFields::at(std::string_view member) const {
  const base::Json* value = object_.find(member);
  if (value == nullptr) fail_at(where_, "missing member '" + std::string(member) + "'");
  return *value;
}

const std::string& JsonFields::text(std::string_view member) const {
  const base::Json& value = at(member);
  if (!value.is_string()) fail(member, std::string("wanted a text, got ") + kind_of(value));
  return value.text();
}

void JsonFields::expect(std::string_view member, std::string_view wanted) const {
  if (text(member) != wanted) fail(member, "got '" + text(member) + "', wanted '" + std::string(wanted) + "'");
}

std::uint64_t JsonFields::number(std::string_view member, std::uint64_t least, std::uint64_t most) const {
  const base::Json& value = at(member);
  if (!value.is_integer()) fail(member, std::string("wanted a whole number, got ") + kind_of(value));
  const std::int64_t number = value.integer();
  if (number < 0 || static_cast<std::uint64_t>(number) < least || static_cast<std::uint64_t>(number) > most) {
    fail(member, "got " + std::to_string(number) + ", wanted " + std::to_string(least) + " to " + std::to_string(most));
  }
  return static_cast<std::uint64_t>(number);
}

base::Sha256 JsonFields::digest(std::string_view member) const {
  const auto digest = lower_case_digest(text(member));
  if (!digest) fail(member, "wanted 64 lower-case hexadecimal digits, got '" + text(member) + "'");
  return *digest;
}

std::optional<base::Sha256> JsonFields::digest_or_null(std::string_view member) const {
  if (at(member).is_null()) return std::nullopt;
  return digest(member);
}

void JsonFields::each(std::string_view member,
                      const std::function<void(const base::Json&, const std::string&)>& read) const {
  const base::Json& value = at(member);
  if (!value.is_array()) fail(member, std::string("wanted a list, got ") + kind_of(value));
  std::size_t index = 0;
  for (const base::Json& item : value.array()) read(item, place(member) + "[" + std::to_string(index++) + "]");
}

std::vector<std::string> JsonFields::texts(std::string_view member) const {
  std::vector<std::string> found;
  each(member, [&](const base::Json& item, const std::string& where) {
    if (!item.is_string()) fail_at(where, std::string("wanted a text, got ") + kind_of(item));
    found.push_back(item.text());
  });
  return found;
}

void JsonFields::fail(std::string_view member, const std::string& what) const {
  fail_at(place(member), what);
}

}  // namespace provisioner
