#pragma once
#include <string>
#include <string_view>
#include <vector>

/// The text of parts of a JSON document, as it was received: for signatures over a value's own bytes.
namespace base {

/// A member of an object: its key, decoded, and its value's text without the white space around it.
struct JsonMemberText {
  std::string key;
  std::string_view value;  ///< within the text given
};

/// The members of the object that `text` is, in their order. @param name for messages, as in Json::parse()
/// @throws Error{malformed} when `text` is no JSON object
std::vector<JsonMemberText> json_members(std::string_view text, std::string_view name);
/// The elements of the array that `text` is. @throws Error{malformed} when `text` is no JSON array
std::vector<std::string_view> json_elements(std::string_view text, std::string_view name);

/// `text` without the white space between its tokens; order, numbers and strings stay as they are written.
/// @throws Error{malformed} when `text` is no JSON
std::string without_white_space(std::string_view json, std::string_view name);

}  // namespace base
