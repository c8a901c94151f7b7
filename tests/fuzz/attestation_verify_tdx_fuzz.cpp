// room: attestation
#include "attestation/intel_root.h"
#include "attestation/verify_tdx.h"
#include "base/error.h"

// A quote and collateral that disagree in every way: the input is cut in two, and nothing in it may be believed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(data, size);
  try {
    const measurement::TdQuote quote = measurement::parse_td_quote(bytes);
    attestation::TdxCollateral collateral;
    try {
      attestation::add_tdx_collateral(collateral, bytes.last(quote.trailing_bytes), "collateral");
    } catch (const base::Error&) {
      collateral = {};
    }
    const attestation::TdxRequest request{.roots = {attestation::intel_sgx_root()}, .time = 1'790'000'000};
    (void)attestation::verify_tdx(quote, attestation::judge_platform(quote, collateral, request));
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
