#pragma once
#include <span>

#include "base/crypto.h"

namespace measurement {

/// The same bytes hashed for the two PCR banks.
struct BankDigests {
  base::Sha256 sha256;
  base::Sha384 sha384;
  bool operator==(const BankDigests&) const = default;
};

/// Both digests of the concatenation of `parts`.
inline BankDigests digests_of(std::span<const base::Bytes> parts) {
  base::Hasher sha256(base::Hasher::Algorithm::sha256);
  base::Hasher sha384(base::Hasher::Algorithm::sha384);
  for (const base::Bytes part : parts) {
    sha256.update(part);
    sha384.update(part);
  }
  return {base::Sha256::from(std::move(sha256).finish()), base::Sha384::from(std::move(sha384).finish())};
}
inline BankDigests digests_of(base::Bytes bytes) {
  return digests_of(std::span(&bytes, 1));
}

}  // namespace measurement
