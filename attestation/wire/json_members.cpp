#include "attestation/wire/json_members.h"

#include "base/encoding.h"
#include "base/error.h"

namespace attestation::wire {
namespace {

[[noreturn]] void fail(std::string_view where, std::string_view key, const std::string& what) {
  throw base::Error(base::Kind::malformed, std::string(where) + ": " + std::string(key) + ": " + what);
}

const base::Json& member(const base::Json& object, std::string_view key, std::string_view where) {
  const base::Json* found = object.find(key);
  if (found == nullptr) fail(where, key, "missing");
  return *found;
}

}  // namespace

const std::string& text_member(const base::Json& object, std::string_view key, std::string_view where) {
  const base::Json& found = member(object, key, where);
  if (!found.is_string()) fail(where, key, "wanted a string");
  return found.text();
}

const base::Json& object_member(const base::Json& object, std::string_view key, std::string_view where) {
  const base::Json& found = member(object, key, where);
  if (!found.is_object()) fail(where, key, "wanted an object");
  return found;
}

base::Buffer base64_member(const base::Json& object, std::string_view key, std::string_view where, std::size_t limit) {
  std::optional<base::Buffer> bytes = base::from_base64(text_member(object, key, where));
  if (!bytes) fail(where, key, "not standard base64 with padding");
  if (bytes->size() > limit) {
    fail(where, key, "wanted at most " + std::to_string(limit) + " bytes, got " + std::to_string(bytes->size()));
  }
  return std::move(*bytes);
}

base::Buffer base64url_member(const base::Json& object, std::string_view key, std::string_view where) {
  std::optional<base::Buffer> bytes = base::from_base64url(text_member(object, key, where));
  if (!bytes) fail(where, key, "not base64url without padding");
  return std::move(*bytes);
}

base::Json parse_object(std::string_view text, std::string_view name) {
  base::Json message = base::Json::parse(text, name);
  if (!message.is_object()) throw base::Error(base::Kind::malformed, std::string(name) + ": wanted an object");
  return message;
}

base::Json parse_message(std::string_view text, std::initializer_list<std::string_view> allowed,
                         std::string_view name) {
  base::Json message = parse_object(text, name);
  base::expect_members(message, allowed, name);
  return message;
}

}  // namespace attestation::wire
