#pragma once
#include <string_view>

#include "base/digest.h"

/// Is the initdata on the config disk the one that was measured? Pure.
namespace guest {

/// The word of a command line that names the digest of the initdata.
inline constexpr std::string_view initdata_word = "bulkhead.initdata";

/// Whether `NAME` or `NAME=VALUE` is among the words of a kernel command line.
bool has_command_line_word(std::string_view command_line, std::string_view name);

/// The value of `NAME=VALUE` on a kernel command line. Words are split at blanks, quotes have no meaning.
/// @throws Error{not_attested} when the word is missing or stands there twice
std::string_view command_line_value(std::string_view command_line, std::string_view name);

/// The digest in the word `bulkhead.initdata=sha256:<64 hexadecimal digits>`.
/// @throws Error{not_attested} when there is not exactly one such word
base::Sha256 measured_initdata_digest(std::string_view command_line);

/// Compares the SHA-256 of the whole document with the measured word. Nothing of the document is parsed before.
/// @throws Error{not_attested} with the digest got and the digest wanted
void check_initdata(std::string_view initdata, std::string_view command_line);

}  // namespace guest
