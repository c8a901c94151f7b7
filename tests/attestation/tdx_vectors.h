#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "attestation/intel_root.h"
#include "attestation/verify_tdx.h"
#include "base/utc_time.h"

/// The shared TDX quotes and collateral. They may be absent.
namespace attestation::tdx_vectors {

inline base::Buffer read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// $BULKHEAD_VECTORS/attest/tdx, else beside the source tree.
inline std::filesystem::path folder() {
  const char* const set = std::getenv("BULKHEAD_VECTORS");
  const std::filesystem::path root =
      set != nullptr ? set : std::filesystem::path(BULKHEAD_SOURCE_DIR) / ".." / "shared" / "vectors";
  return root / "attest" / "tdx";
}

inline measurement::TdQuote quote(const std::string& name) {
  return measurement::parse_td_quote(read(folder() / "quotes" / name));
}

/// @param files below `folder()`
inline TdxCollateral collateral(const std::vector<std::string>& files) {
  TdxCollateral all;
  for (const std::string& file : files) add_tdx_collateral(all, read(folder() / file), file);
  return all;
}

inline TdxRequest at(const std::string& time) {
  return {.roots = {intel_sgx_root()}, .time = base::parse_utc(time).value()};
}

inline TdxVerification verified(const measurement::TdQuote& quote, const TdxCollateral& given,
                                const TdxRequest& request) {
  return verify_tdx(quote, judge_platform(quote, given, request));
}

inline const Check* find(const TdxVerification& verification, std::string_view name) {
  for (const Check& check : verification.checks)
    if (check.name == name) return &check;
  return nullptr;
}

/// Names of the checks that failed, and of those that were not made.
inline std::vector<std::string> named(const TdxVerification& verification, Check::Outcome outcome) {
  std::vector<std::string> names;
  for (const Check& check : verification.checks)
    if (check.outcome == outcome && check.weight == Check::Weight::mandatory) names.push_back(check.name);
  return names;
}
inline std::vector<std::string> failed(const TdxVerification& verification) {
  return named(verification, Check::Outcome::failed);
}

}  // namespace attestation::tdx_vectors
