#include "attestation/hex_text.h"

#include "base/encoding.h"

namespace attestation {

std::optional<base::Buffer> from_hex_text(base::Bytes text) {
  std::string digits;
  for (const std::uint8_t c : text)
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') digits += static_cast<char>(c);
  return digits.empty() ? std::nullopt : base::from_hex(digits);
}

}  // namespace attestation
