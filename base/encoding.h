#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace base {

/// Lower-case hexadecimal, two digits a byte.
std::string hex(Bytes bytes);
/// "0x" and lower-case digits without leading zeros.
std::string hex_number(std::uint64_t value);
/// Hexadecimal of either case, an even number of digits, no prefix; nullopt when it is not that.
std::optional<Buffer> from_hex(std::string_view text);

/// RFC 4648 section 4 (with padding) and section 5 (URL alphabet, without padding).
std::string base64(Bytes bytes);
std::string base64url(Bytes bytes);
/// Strict inverses: nullopt on a foreign character, wrong padding or non-zero leftover bits.
std::optional<Buffer> from_base64(std::string_view text);
std::optional<Buffer> from_base64url(std::string_view text);

/// UTF-16LE code units of an ASCII text, without a terminating NUL.
Buffer utf16le(std::string_view ascii);
/// UTF-16LE as UTF-8; a lone surrogate or a last odd byte becomes U+FFFD.
std::string from_utf16le(Bytes bytes);

/// A GUID text (8-4-4-4-12) as the 16 bytes EFI stores: the first three fields little-endian.
/// Source: UEFI 2.10 appendix A. @throws Error{malformed} when the text is no GUID
std::array<std::uint8_t, 16> guid_bytes(std::string_view text);
std::string guid_text(Bytes sixteen);

/// `text` with &, <, >, ' and " escaped for XML content and attributes.
std::string xml_escaped(std::string_view text);

}  // namespace base
