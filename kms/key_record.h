#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "kms/key_life.h"
#include "kms/release_policy.h"

namespace kms {

/// One version of a key. `handle` is what its KeyMaterial gave for it: wrapped bytes or a name, never the key itself.
struct KeyVersion {
  std::uint32_t number = 0;  ///< from 1, never used twice for one key
  base::Buffer handle;
  bool operator==(const KeyVersion&) const = default;
};

/// Everything that is written down about a key.
struct KeyRecord {
  KeyState state = KeyState::never_formatted;
  ReleasePolicy policy;
  std::optional<KeyVersion> current;  ///< absent only when destroyed
  std::optional<KeyVersion> next;     ///< only while rotating, or revoked meanwhile
  std::vector<KeyVersion> retired;    ///< no longer released, material not erased yet
  std::uint32_t last_version = 0;     ///< the highest number ever given
  bool operator==(const KeyRecord&) const = default;
};

/// How many versions have material that is not known to be erased.
std::size_t versions_with_material(const KeyRecord& record);

/// Compact JSON, bulkhead.kms-key/v1.
std::string record_text(const KeyRecord& record);
/// @throws Error{malformed} naming `name`: no such document, unknown members, or versions that the state does not have
KeyRecord parse_record(std::string_view text, std::string_view name);

}  // namespace kms
