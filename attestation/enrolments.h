#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace attestation {

/// `bulkhead.enrolments/v1`: {"schema","tenant","guests":[{"guest":"worker/0","akPublic":"<base64 DER SPKI>"}]}. What a
/// host hands over of its emulated guests to the owner of a service that it cannot reach as an administrator.
struct Enrolments {
  std::string tenant;
  std::map<std::string, base::Buffer> keys;  ///< SubjectPublicKeyInfo, DER, by guest: "worker/0"
  [[nodiscard]] std::string text() const;
  /// The service looks at the keys themselves. @param name for messages
  /// @throws Error{malformed}, also for no guest, a guest or a key listed twice
  static Enrolments parse(std::string_view text, std::string_view name);
  bool operator==(const Enrolments&) const = default;
};

}  // namespace attestation
