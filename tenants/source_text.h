#pragma once
#include "base/diagnostic.h"

namespace tenants {

/// Looks at the characters of a file before any parser does: valid UTF-8, no byte order mark, no tab, carriage return
/// without newline or other control character, and no invisible or direction-changing character that would let a file
/// read differently from what it says. No line is longer than 8 KiB. Reports the first of each line.
/// @return whether nothing was reported
bool check_source_text(const base::SourceFile& file, base::Diagnostics& diagnostics);

inline constexpr std::size_t longest_line = 8192;  ///< bytes

/// The place of byte `offset`, which is byte `column` (from 0) of line `line` (from 0); the result counts from 1 and
/// its columns count characters.
/// @param length how many bytes to underline; cut at the end of the line, at least one character
base::SourcePosition position_at(const base::SourceFile& file, std::size_t line, std::size_t column, std::size_t offset,
                                 std::size_t length = 1);

}  // namespace tenants
