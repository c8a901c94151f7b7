#include "measurement/igvm_id_block.h"

#include <algorithm>

#include "base/encoding.h"
#include "measurement/igvm_directives.h"
#include "measurement/igvm_layout.h"

namespace measurement {
namespace {

namespace layout = igvm_layout;
using StoredNumber = std::array<std::uint8_t, 72>;

/// A number least significant byte first at `offset` of the file.
base::P384Number read(const StoredNumber& bytes, std::size_t offset) {
  base::P384Number number;
  for (std::size_t i = number.size(); i < bytes.size(); ++i)
    if (bytes[i] != 0) refuse_igvm(offset + i, "a number of P-384: got more than 48 bytes");
  std::reverse_copy(bytes.begin(), bytes.begin() + number.size(), number.begin());
  return number;
}

IdSignature read(const layout::PublicKey& key, std::size_t key_at, const layout::Signature& signature,
                 std::size_t signature_at) {
  if (key.curve.value() != 2)
    refuse_igvm(key_at, "curve: got " + base::hex_number(key.curve.value()) + ", wanted 0x2 (P-384)");
  if (key.reserved.value() != 0)
    refuse_igvm(key_at + 4, "reserved field: got " + base::hex_number(key.reserved.value()) + ", wanted 0");
  return {{read(key.qx, key_at + 8), read(key.qy, key_at + 80)},
          {read(signature.r, signature_at), read(signature.s, signature_at + 72)}};
}

void expect_algorithm(std::uint32_t algorithm, std::size_t offset) {
  if (algorithm != 1)
    refuse_igvm(offset, "key algorithm: got " + base::hex_number(algorithm) + ", wanted 0x1 (ECDSA P-384, SHA-384)");
}

IgvmIdBlock read(base::Bytes body, std::size_t at, std::uint64_t policy) {
  const auto raw = igvm_structure<layout::SnpIdBlock>(body, at);
  const auto place = [at](std::size_t offset) { return at + offset; };
  IgvmIdBlock found;
  found.block = {LaunchDigest{raw.launch_digest}, raw.family_id, raw.image_id, 1, raw.guest_svn.value(), policy};
  expect_algorithm(raw.id_key_algorithm.value(), place(96));
  found.authentication.id = read(raw.id_key, place(248), raw.id_block_signature, place(104));
  if (raw.author_key_enabled == 0) return found;
  expect_algorithm(raw.author_key_algorithm.value(), place(100));
  found.authentication.author = read(raw.author_key, place(544), raw.id_key_signature, place(400));
  return found;
}

}  // namespace

std::optional<IgvmIdBlock> igvm_id_block(const IgvmFile& file, const IgvmPlatform& platform) {
  for (const IgvmDirective& directive : file.directives) {
    const auto* found = std::get_if<IgvmSnpIdBlock>(&directive.content);
    if (!found || (found->mask & platform.mask) == 0) continue;
    return read(found->body, directive.offset + sizeof(layout::VariableHeader), file.policy(platform.mask).value_or(0));
  }
  return std::nullopt;
}

}  // namespace measurement
