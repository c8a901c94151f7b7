// room: attestation
#include "attestation/tdx_collateral.h"
#include "base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  attestation::TdxCollateral collateral;
  try {
    attestation::add_tdx_collateral(collateral, {data, size}, "collateral");
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
