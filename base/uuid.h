#pragma once
#include <array>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace base {

using Uuid = std::array<std::uint8_t, 16>;

/// A UUID that follows from a namespace and a name. Source: RFC 9562 section 5.5: SHA-1 of both, cut to 16 bytes,
/// version and variant set.
Uuid uuid_version5(const Uuid& name_space, std::string_view name);

/// "6b1f0c4e-8a52-4d33-9e07-2cd15f94b860": the bytes in their order, which EFI's GUIDs are not (guid_text()).
std::string uuid_text(const Uuid& uuid);

}  // namespace base
