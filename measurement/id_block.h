#pragma once
#include <optional>

#include "base/ecdsa_p384.h"
#include "base/signer.h"
#include "measurement/launch_pages.h"

/// The ID block says what an SNP guest's owner expects to be launched; the ID authentication carries the owner's
/// signature over it. The SNP firmware refuses the launch when either does not fit, and names the keys in reports.
/// Source: AMD 56860 revision 1.57, tables 75 (ID_BLOCK) and 76 (ID_AUTH_INFO), section 8.19 (SNP_LAUNCH_FINISH) and
/// chapter 10 (public keys and signatures).
namespace measurement {

inline constexpr std::size_t id_block_size = 96;
inline constexpr std::size_t id_authentication_size = 4096;
inline constexpr std::size_t id_key_size = 1028;

using GuestIdentifier = std::array<std::uint8_t, 16>;

struct IdBlock {
  LaunchDigest launch_digest;
  GuestIdentifier family_id{}, image_id{};
  std::uint32_t version = 1;
  std::uint32_t guest_svn = 0;
  std::uint64_t policy = 0x30000;
  bool operator==(const IdBlock&) const = default;
};

/// A public key and a signature as ID_AUTH_INFO stores them: numbers least significant byte first, in 72 bytes.
struct IdSignature {
  base::P384Point key;
  base::P384Signature signature;
  bool operator==(const IdSignature&) const = default;
};

struct IdAuthentication {
  IdSignature id;                     ///< the ID key and its signature over the 96 bytes of the ID block
  std::optional<IdSignature> author;  ///< the author key and its signature over the 1028 bytes of the ID key
  bool operator==(const IdAuthentication&) const = default;
};

/// The 96 bytes SNP_LAUNCH_FINISH takes, and back.
base::Buffer id_block_bytes(const IdBlock& block);
/// @throws base::Error{malformed} unless `bytes` is 96 bytes with version 1
IdBlock parse_id_block(base::Bytes bytes);

/// The 4096 bytes SNP_LAUNCH_FINISH takes, and back.
base::Buffer id_authentication_bytes(const IdAuthentication& authentication);
/// @throws base::Error{malformed} for another size, algorithm or curve, a number of more than 48 bytes, and for bytes
/// other than zero in reserved fields or in those of an author key that is not used
IdAuthentication parse_id_authentication(base::Bytes bytes);

/// The 1028 bytes the firmware hashes and the author key signs.
base::Buffer id_key_bytes(const base::P384Point& key);
/// ID_KEY_DIGEST or AUTHOR_KEY_DIGEST of a report: SHA-384 of id_key_bytes().
base::Sha384 id_key_digest(const base::P384Point& key);

/// Signs a block. @param author nullptr: without an author key
/// @throws base::Error{malformed} when a signer's key is not on P-384
IdAuthentication authenticate(const IdBlock& block, const base::Signer& id, const base::Signer* author);

/// Which signatures are genuine. A key that is not on the curve has none that is.
struct IdVerdict {
  bool id_block_signed = false;       ///< by the ID key
  std::optional<bool> id_key_signed;  ///< by the author key; absent when there is none
  [[nodiscard]] bool genuine() const noexcept { return id_block_signed && id_key_signed.value_or(true); }
};
IdVerdict verify(const IdBlock& block, const IdAuthentication& authentication);

}  // namespace measurement
