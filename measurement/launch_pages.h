#pragma once
#include <vector>

#include "base/digest.h"
#include "base/units.h"

namespace measurement {

using LaunchDigest = base::Digest<struct LaunchDigestTag, 48>;
inline constexpr std::size_t page_size = 4096;

/// What SNP_LAUNCH_UPDATE does with a page. Source: AMD 56860 revision 1.57, table 65 (PAGE_TYPE).
enum class PageType : std::uint8_t { normal = 1, vmsa = 2, zero = 3, unmeasured = 4, secrets = 5, cpuid = 6 };

/// The SHA-384 of each 4096-byte page of `pages`, in order. A page equal to the one before it is hashed once; large
/// inputs are hashed in two threads. @pre whole pages
std::vector<base::Sha384> page_contents(base::Bytes pages);

/// An SNP launch digest while pages are added one by one, in the hypervisor's order.
/// Source: AMD 56860 revision 1.57, section 8.17 (SNP_LAUNCH_UPDATE) and table 67 (PAGE_INFO).
class LaunchPages {
 public:
  LaunchPages() = default;
  /// Goes on after pages whose digest is known.
  explicit LaunchPages(const LaunchDigest& so_far) : digest_(so_far) {}

  /// @param contents the page's SHA-384; all zero for the types whose contents are not measured
  void add(PageType type, base::Gpa gpa, const base::Sha384& contents = {});
  /// Pages whose contents count: normal or vmsa. @param pages whole pages @throws Error{malformed} when they are not
  void add_measured(PageType type, base::Gpa first, base::Bytes pages);
  /// Pages of which only type and place count. @param size bytes, whole pages @throws Error{malformed} when they are
  /// not
  void add_unmeasured(PageType type, base::Gpa first, std::uint64_t size);
  [[nodiscard]] const LaunchDigest& digest() const noexcept { return digest_; }

 private:
  LaunchDigest digest_;
};

}  // namespace measurement
