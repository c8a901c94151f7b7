#include "attestation/collateral_items.h"

#include <algorithm>
#include <limits>
#include <map>

#include "attestation/examination.h"
#include "attestation/vek_certificate.h"
#include "base/encoding.h"

namespace attestation {
namespace {

constexpr std::int64_t no_end = std::numeric_limits<std::int64_t>::max();

/// The latest end of each thing.
class Editions {
 public:
  void add(const std::string& kind, const std::string& subject, std::optional<std::int64_t> until) {
    const auto [found, fresh] = ends_.try_emplace({kind, subject}, until.value_or(no_end));
    if (!fresh) found->second = std::max(found->second, until.value_or(no_end));
  }
  [[nodiscard]] std::vector<CollateralItem> items() const {
    std::vector<CollateralItem> all;
    for (const auto& [thing, end] : ends_)
      all.push_back({thing.first, thing.second, end == no_end ? std::nullopt : std::optional(end)});
    return all;
  }

 private:
  std::map<std::pair<std::string, std::string>, std::int64_t> ends_;
};

void add_objects(Editions& editions, const base::X509Objects& objects) {
  for (const base::X509Certificate& certificate : objects.certificates) {
    if (!vek_kind(certificate)) editions.add("certificate", certificate.subject(), certificate.not_after());
  }
  for (const base::X509RevocationList& list : objects.revocation_lists)
    editions.add("revocationList", list.issuer(), list.next_update());
}

std::optional<CollateralItem> processor_keys(const base::X509Objects& objects) {
  std::size_t count = 0;
  std::int64_t first = no_end;
  for (const base::X509Certificate& certificate : objects.certificates) {
    if (!vek_kind(certificate)) continue;
    ++count;
    first = std::min(first, certificate.not_after());
  }
  if (count == 0) return std::nullopt;
  return CollateralItem{"processorKeys", std::to_string(count) + (count == 1 ? " certificate" : " certificates"),
                        first};
}

}  // namespace

std::vector<CollateralItem> items_of(const VendorCollateral& collateral) {
  Editions editions;
  for (const auto& info : collateral.tdx.tcb_infos)
    editions.add("tcbInfo", "FMSPC " + base::hex(info.document.fmspc), info.document.edition.next_update);
  for (const auto& identity : collateral.tdx.qe_identities)
    editions.add("qeIdentity", "TD quoting enclave", identity.document.edition.next_update);
  add_objects(editions, collateral.tdx.x509);
  add_objects(editions, collateral.snp);
  std::vector<CollateralItem> all = editions.items();
  if (auto keys = processor_keys(collateral.snp)) all.push_back(std::move(*keys));
  std::ranges::stable_sort(all, {}, [](const CollateralItem& item) { return item.until.value_or(no_end); });
  return all;
}

}  // namespace attestation
