#pragma once
#include <optional>

#include "base/bytes.h"

namespace attestation {

/// What a file of hexadecimal digits stands for, blanks and line ends between them ignored, as tools print evidence;
/// nullopt for any other file, an empty one too.
std::optional<base::Buffer> from_hex_text(base::Bytes text);

}  // namespace attestation
