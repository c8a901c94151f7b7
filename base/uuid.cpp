#include "base/uuid.h"

#include <algorithm>

#include "base/crypto.h"

namespace base {

Uuid uuid_version5(const Uuid& name_space, std::string_view name) {
  Buffer input(name_space.begin(), name_space.end());
  append(input, bytes_of(name));
  const Buffer digest = sha1(input);
  Uuid uuid{};
  std::copy_n(digest.begin(), uuid.size(), uuid.begin());
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0fU) | 0x50U);
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3fU) | 0x80U);
  return uuid;
}

std::string uuid_text(const Uuid& uuid) {
  const std::string digits = hex(uuid);
  return digits.substr(0, 8) + "-" + digits.substr(8, 4) + "-" + digits.substr(12, 4) + "-" + digits.substr(16, 4) +
         "-" + digits.substr(20);
}

}  // namespace base
