#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace attestation {

struct VendorCollateral;

/// What a service has of one of the vendors' things, and until when it is of use.
struct CollateralItem {
  /// "tcbInfo", "qeIdentity", "revocationList", "certificate", "processorKeys"; "serviceCertificate" of its own
  std::string kind;
  std::string subject;                ///< whose: "FMSPC 00806f050000", an issuer, a subject, "3 certificates"
  std::optional<std::int64_t> until;  ///< nextUpdate or notAfter, seconds since the epoch; nullopt: without end
  bool operator==(const CollateralItem&) const = default;
};

/// Everything in the collateral, what ends first coming first. Of several editions of one thing the latest counts; the
/// certificates of processors' keys are one item, which ends with the first of them.
std::vector<CollateralItem> items_of(const VendorCollateral& collateral);

}  // namespace attestation
