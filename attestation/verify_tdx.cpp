#include "attestation/verify_tdx.h"

#include <algorithm>

#include "attestation/tdx_steps.h"
#include "base/crypto.h"
#include "base/encoding.h"

namespace attestation {
namespace {

constexpr std::string_view intel_qe_vendor = "939a7233f79c4ca9940a0db3957f0607";

void check_report_data(TdxState& state) {
  const std::optional<base::Buffer>& asked = state.material.request.report_data;
  if (!asked) return;
  base::Buffer wanted = *asked;
  wanted.resize(std::max(wanted.size(), state.quote.report_data.size()));
  const bool same = base::equal_in_constant_time(wanted, state.quote.report_data);
  state.checks.add("reportData", same, base::hex(state.quote.report_data), base::hex(wanted));
}

}  // namespace

TdxVerification verify_tdx(const measurement::TdQuote& quote, const TdxCollateral& collateral,
                           const TdxRequest& request) {
  TdxState state{quote, collateral, {request, collateral.x509.certificates, collateral.x509.revocation_lists}, {}, {}};
  const std::string vendor = base::hex(quote.qe_vendor);
  state.checks.add("qeVendor", vendor == intel_qe_vendor, vendor, std::string(intel_qe_vendor) + " (Intel)");
  state.found.signatures_valid = check_tdx_signatures(state);
  check_report_data(state);
  check_tdx_documents(state);
  state.found.genuine = all_mandatory_ok(state.checks.list());
  state.found.checks = std::move(state.checks).take();
  return std::move(state.found);
}

}  // namespace attestation
