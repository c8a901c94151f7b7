#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/json.h"

/// A secret file sealed to one TPM 2.0 (`bulkhead.tpm-sealed/v1`): its content under a random key that only that TPM
/// gives back. The document is no secret, and no use without the machine.
namespace kms {

/// A key of 32 bytes inside a data object of a TPM, which no other TPM loads.
struct TpmSealedKey {
  base::Buffer public_area;    ///< TPM2B_PUBLIC
  base::Buffer private_area;   ///< TPM2B_PRIVATE, encrypted by the parent
  base::Buffer parent;         ///< Name of the storage root key: 0x000b, then SHA-256 of its public area
  std::vector<unsigned> pcrs;  ///< ascending, of the SHA-256 bank; what they must be is in the object's policy
};

struct TpmSealedFile {
  TpmSealedKey key;
  base::SealedBox content;  ///< AES-256-GCM under the key, the rest of the document as associated data
  /// The document, sorted and indented.
  [[nodiscard]] std::string text() const;
  /// What the content is bound to: the document without it, compact.
  [[nodiscard]] std::string associated_data() const;
};

inline constexpr std::size_t sealed_key_size = 32;

/// Fails unless the registers are ascending ones that mean something: 0 to 23 without 16 and 23, which anybody may
/// reset. @throws Error{malformed} naming `name`
void check_sealing_pcrs(const std::vector<unsigned>& pcrs, std::string_view name);

/// Whether a secret file's content claims to be such a document. Looks at the bytes, and copies none of them.
bool is_tpm_sealed(base::Bytes content);

/// @param name what is parsed, for messages
/// @throws Error{malformed} for other members, and for a public area that is no data object as sealing makes it:
/// SHA-256, fixed to its TPM and parent, usable by the policy alone exactly when the document names registers Source:
/// TPM 2.0 library 1.59, part 2, 8.3 (TPMA_OBJECT), 12.2.4 (TPMT_PUBLIC), 12.2.3.2 (KEYEDHASH)
TpmSealedFile parse_tpm_sealed(std::string_view text, std::string_view name);

}  // namespace kms
