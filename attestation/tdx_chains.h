#pragma once
#include <optional>

#include "attestation/checks.h"
#include "attestation/verify_tdx.h"

/// The certificates behind a TDX quote and its collateral.
namespace attestation {

/// What chains are built from and judged by.
struct ChainMaterial {
  const TdxRequest& request;
  std::vector<base::X509Certificate> others;
  std::vector<base::X509RevocationList> revocation_lists;
};

/// Whether a leaf that was issued after the time asked for will do. Intel issues its TCB signing certificate anew for
/// the same key, and hands out the new one with documents that were signed, and are asked for, before it.
enum class Newer { refused, allowed };

/// Adds "NAMEChain" and "NAMERevocation": whether `leaf` is under the root by exactly the names of `path`, and whether
/// everything on it is known not to be revoked. A list newer than the time asked for is as good as one of that time.
/// @param path common names from the leaf up; alternatives parted by '|'
/// @return whether the chain is good, revocation apart
bool check_chain(const std::string& name, const base::X509Certificate& leaf, const std::vector<std::string>& path,
                 Newer newer, const ChainMaterial& material, Checks& checks);

}  // namespace attestation
