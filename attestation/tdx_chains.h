#pragma once
#include <optional>

#include "attestation/check.h"
#include "attestation/verify_tdx.h"

/// The certificates behind a TDX quote and its collateral.
namespace attestation {

/// What chains are built from and judged by.
struct ChainMaterial {
  const TdxRequest& request;
  std::vector<base::X509Certificate> others;
  std::vector<base::X509RevocationList> revocation_lists;
};

/// Adds "NAMEChain" and "NAMERevocation": whether `leaf` is under the root by exactly the names of `path`, and whether
/// everything on it is known not to be revoked. @param path common names from the leaf up; alternatives parted by '|'
/// @return whether the chain is good, revocation apart
bool check_chain(const std::string& name, const base::X509Certificate& leaf, const std::vector<std::string>& path,
                 const ChainMaterial& material, Checks& checks);

}  // namespace attestation
