#pragma once
#include <string_view>

#include "base/json.h"

namespace base {

/// A TOML document as a JSON value: tables become objects, so that one set of strict readers serves both.
/// Floats, dates and times are refused; nothing of ours holds them.
/// @param text at most 16 KiB of UTF-8. @param name what is parsed, for messages: "initdata.toml"
/// @throws Error{malformed} with line and column
/// Source: TOML 1.0.0
Json parse_toml(std::string_view text, std::string_view name);

}  // namespace base
