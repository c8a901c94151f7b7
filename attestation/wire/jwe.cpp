#include "attestation/wire/jwe.h"

#include "attestation/wire/json_members.h"
#include "attestation/wire/jwk.h"
#include "base/error.h"
#include "base/rsa_oaep.h"

namespace attestation::wire {
namespace {

constexpr std::string_view algorithm = "ECDH-ES+A256KW";
constexpr std::string_view content_encryption = "A256GCM";

void append_u32(base::Buffer& to, std::size_t value) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) to.push_back(static_cast<std::uint8_t>(value >> shift));
}

/// The sender's ephemeral key out of the protected header.
base::EcdhKey::Point ephemeral_key(const std::string& encoded_header) {
  const std::optional<base::Buffer> raw = base::from_base64url(encoded_header);
  if (!raw) throw base::Error(base::Kind::malformed, "JWE: protected: not base64url without padding");
  const base::Json header = parse_message(base::text_of(*raw), {"alg", "enc", "epk"}, "JWE header");
  if (text_member(header, "alg", "JWE header") != algorithm ||
      text_member(header, "enc", "JWE header") != content_encryption) {
    throw base::Error(base::Kind::malformed, "JWE header: wanted ECDH-ES+A256KW and A256GCM");
  }
  return parse_point(object_member(header, "epk", "JWE header"), "JWE header: epk");
}

void expect_size(const base::Buffer& bytes, std::size_t wanted, const char* member) {
  if (bytes.size() == wanted) return;
  throw base::Error(base::Kind::malformed, std::string("JWE: ") + member + ": wanted " + std::to_string(wanted) +
                                               " bytes, got " + std::to_string(bytes.size()));
}

struct WrappedKey {
  base::Json header;  ///< of the JWE
  base::Buffer key;   ///< the content key, for the guest alone
};

WrappedKey wrapped_for(const base::EcdhKey::Point& guest_key, const base::Secret& content_key) {
  const base::EcdhKey ephemeral;
  const base::Secret z = ephemeral.shared_secret(guest_key);
  return {base::Json::Object{{"alg", algorithm}, {"enc", content_encryption}, {"epk", point_json(ephemeral.point())}},
          base::wrap_aes256(key_encryption_key(z.view()).view(), content_key.view())};
}

WrappedKey wrapped_for(const RsaTeeKey& guest_key, const base::Secret& content_key) {
  return {base::Json::Object{{"alg", "RSA-OAEP-256"}, {"enc", content_encryption}},
          base::encrypt_rsa_oaep_sha256(public_key_of(guest_key), content_key.view())};
}

}  // namespace

base::Secret key_encryption_key(base::Bytes z) {
  base::Buffer input{0, 0, 0, 1};
  base::append(input, z);
  append_u32(input, algorithm.size());
  base::append(input, base::bytes_of(algorithm));
  append_u32(input, 0);    // PartyUInfo
  append_u32(input, 0);    // PartyVInfo
  append_u32(input, 256);  // SuppPubInfo: key bits
  base::Sha256 digest = base::sha256(input);
  base::Secret key(base::buffer_of(digest.bytes));
  base::wipe(digest.bytes);
  base::wipe(input);
  return key;
}

std::string encrypt_to_guest(const TeeKey& guest_key, base::Bytes plaintext) {
  const base::Secret content_key = base::random_secret(32);
  const WrappedKey wrapped = std::visit([&](const auto& key) { return wrapped_for(key, content_key); }, guest_key);
  const std::string encoded_header = base::base64url(base::bytes_of(wrapped.header.compact()));
  const base::SealedBox box = base::seal_aes256_gcm(content_key.view(), plaintext, base::bytes_of(encoded_header));
  return base::Json(base::Json::Object{{"protected", encoded_header},
                                       {"encrypted_key", base::base64url(wrapped.key)},
                                       {"iv", base::base64url(box.nonce)},
                                       {"ciphertext", base::base64url(box.ciphertext)},
                                       {"tag", base::base64url(box.tag)}})
      .compact();
}

base::Secret decrypt_in_guest(const base::EcdhKey& guest_key, std::string_view jwe) {
  const base::Json message = parse_message(jwe, {"protected", "encrypted_key", "iv", "ciphertext", "tag"}, "JWE");
  const std::string& header = text_member(message, "protected", "JWE");
  const base::Buffer wrapped = base64url_member(message, "encrypted_key", "JWE");
  const base::SealedBox box{base64url_member(message, "iv", "JWE"), base64url_member(message, "ciphertext", "JWE"),
                            base64url_member(message, "tag", "JWE")};
  expect_size(wrapped, 40, "encrypted_key");
  expect_size(box.nonce, 12, "iv");
  expect_size(box.tag, 16, "tag");
  const base::Secret z = guest_key.shared_secret(ephemeral_key(header));
  const base::Secret content_key = base::unwrap_aes256(key_encryption_key(z.view()).view(), wrapped);
  return base::open_aes256_gcm(content_key.view(), box, base::bytes_of(header));
}

}  // namespace attestation::wire
