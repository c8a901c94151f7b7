#include "attestation/printable.h"

#include "base/encoding.h"

namespace attestation {

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 2000)) {
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      const auto byte = static_cast<std::uint8_t>(c);
      out += "\\x" + base::hex({&byte, 1});
    }
  }
  return out;
}

}  // namespace attestation
