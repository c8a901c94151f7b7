#pragma once
#include <string>

#include "base/bytes.h"
#include "base/json.h"

/// Members of a JSON message, read so that a failure says which member of which message it is.
namespace attestation::wire {

/// A member that must be a string. @throws Error{malformed} "WHERE: KEY: wanted a string, got ..."
const std::string& text_member(const base::Json& object, std::string_view key, std::string_view where);
/// A member that must be an object. @throws Error{malformed}
const base::Json& object_member(const base::Json& object, std::string_view key, std::string_view where);
/// A string member in standard base64 with padding, at most `limit` bytes decoded. @throws Error{malformed}
base::Buffer base64_member(const base::Json& object, std::string_view key, std::string_view where, std::size_t limit);
/// A string member in base64url without padding. @throws Error{malformed}
base::Buffer base64url_member(const base::Json& object, std::string_view key, std::string_view where);
/// Parses `text`, which must be an object. @throws Error{malformed}
base::Json parse_object(std::string_view text, std::string_view name);
/// Parses `text`, which must be an object holding only `allowed` members. @throws Error{malformed}
base::Json parse_message(std::string_view text, std::initializer_list<std::string_view> allowed, std::string_view name);

}  // namespace attestation::wire
