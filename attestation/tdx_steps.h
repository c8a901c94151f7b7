#pragma once
#include "attestation/tdx_chains.h"

/// The halves of verify_tdx().
namespace attestation {

/// One verification under way.
struct TdxState {
  const measurement::TdQuote& quote;
  const TdxCollateral& collateral;
  ChainMaterial material;
  Checks checks;
  TdxVerification found;
};

inline constexpr const char* intel_root_name = "Intel SGX Root CA";

/// From the root to the quote: PCK, quoting enclave, attestation key (tdx_signatures.cpp). @return whether all is good
bool check_tdx_signatures(TdxState& state);
/// What Intel says about the platform: TCB info and QE identity (tdx_documents.cpp).
void check_tdx_documents(TdxState& state);

}  // namespace attestation
