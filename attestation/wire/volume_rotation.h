#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What a guest and its tenant's service say about the versions of a volume's key. No key is in it.
namespace attestation::wire {

/// The answer to GET /bulkhead/v1/volume/POOL-INDEX-NAME.
struct VolumeVersions {
  std::uint32_t current = 0;          ///< from 1
  std::optional<std::uint32_t> next;  ///< higher; only while the key is rotating
  /// Only where the guest asks a KMS for the key itself: no disk was ever formatted with it, so an empty one may be.
  std::optional<bool> may_format{};

  /// @throws Error{malformed} naming the member
  static VolumeVersions parse(std::string_view text);
  [[nodiscard]] std::string text() const;
};

/// POST /bulkhead/v1/volume/POOL-INDEX-NAME/rotated: this version opens the volume now, too.
struct VolumeRotated {
  std::uint32_t version = 0;  ///< from 1

  /// @throws Error{malformed} naming the member
  static VolumeRotated parse(std::string_view text);
  [[nodiscard]] std::string text() const;
};

}  // namespace attestation::wire
