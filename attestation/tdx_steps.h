#pragma once
#include "attestation/tdx_chains.h"

/// The halves of judge_platform().
namespace attestation {

inline constexpr const char* intel_root_name = "Intel SGX Root CA";

/// Finds and judges the PCK certificate. @param material gets the certificates that the quote brings
void judge_pck(const measurement::TdQuote& quote, const TdxCollateral& collateral, ChainMaterial& material,
               JudgedPlatform& platform);
/// Chooses and judges TCB info and QE identity for `platform.facts`.
void judge_documents(const TdxCollateral& collateral, const ChainMaterial& material, JudgedPlatform& platform);

}  // namespace attestation
