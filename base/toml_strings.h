#pragma once
#include <string_view>

#include "base/json.h"

namespace base {

/// Reads the part of TOML that initdata is made of: texts at the top level and in tables one level deep, as JSON
/// objects of texts. Keys are bare or quoted, never dotted; texts are '...', '''...''' or "..." with the escapes \"
/// \\ \n \r \t. Everything else that TOML knows is refused, and so are repeated keys and tables and control characters.
/// @param name what is parsed, for messages: "initdata.toml"
/// @throws Error{malformed} "NAME:LINE: got ..., wanted ..."
/// Source: TOML 1.0.0 (sections Keys, String, Table)
Json parse_toml_strings(std::string_view text, std::string_view name);

}  // namespace base
