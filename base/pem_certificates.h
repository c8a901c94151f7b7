#pragma once
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace base {

/// The DER bytes of every certificate in a PEM text, in its order; what stands between the blocks is passed over. The
/// certificates themselves are not parsed. Source: RFC 7468 section 5.1.
/// @throws Error{malformed} naming `name` for a block that does not end or is not base64
std::vector<Buffer> certificates_in_pem(std::string_view pem, std::string_view name);

}  // namespace base
