#pragma once
#include <vector>

#include "base/bytes.h"

/// What a TPM signs and how it signs, unmarshalled strictly.
namespace attestation {

inline constexpr std::uint16_t tpm_alg_sha256 = 0x000B;
inline constexpr std::uint16_t tpm_alg_sha384 = 0x000C;

/// A TPMS_ATTEST of type TPM_ST_ATTEST_QUOTE. Source: TPM 2.0 Library, Part 2, sections 10.12.1 and 10.12.12
struct QuoteAttestation {
  struct Selection {
    std::uint16_t hash = 0;  ///< TPM_ALG_ID of the bank
    base::Buffer bitmap;     ///< bit n of byte m selects PCR 8m+n
  };
  base::Buffer qualified_signer;  ///< TPM2B_NAME
  base::Buffer extra_data;        ///< the caller's qualifying data
  std::uint64_t clock = 0;        ///< milliseconds
  std::uint32_t reset_count = 0;
  std::uint32_t restart_count = 0;
  bool clock_safe = false;
  std::uint64_t firmware_version = 0;
  std::vector<Selection> selections;
  base::Buffer pcr_digest;

  /// @throws Error{malformed} naming the field: wrong magic, another type of attestation, lengths, trailing bytes
  static QuoteAttestation parse(base::Bytes marshalled);
};

/// The RSA signature in a TPMT_SIGNATURE of scheme RSASSA with SHA-256.
/// Source: TPM 2.0 Library, Part 2, section 11.3.4
/// @throws Error{malformed} for another scheme or hash, lengths, trailing bytes
base::Buffer parse_rsassa_sha256(base::Bytes marshalled);

}  // namespace attestation
