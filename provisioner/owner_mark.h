#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/units.h"

namespace provisioner {

/// Whose a thing on the host is and which body it was made from. Written into whatever room for a remark the thing has:
/// a link alias, an nftables comment, an extended attribute.
struct OwnerMark {
  base::TenantId tenant;
  base::Sha256 digest;

  /// "bulkhead/v1 tenant=NAME digest=HEX": at most 111 characters, less than an nftables comment holds (127).
  [[nodiscard]] std::string text() const;
  /// nullopt when `text` is not exactly such a mark; then the thing is not ours.
  static std::optional<OwnerMark> parse(std::string_view text);
  bool operator==(const OwnerMark&) const = default;
};

/// Whether `name` may be a tenant's: 1 to 20 of [a-z0-9-], first a letter, last no dash.
bool is_tenant_name(std::string_view name) noexcept;

}  // namespace provisioner
