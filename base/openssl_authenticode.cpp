#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/authenticode.h"
#include "base/byte_reader.h"
#include "base/error.h"
#include "base/openssl_handles.h"

namespace base {
namespace {

constexpr const char* indirect_data_oid = "1.3.6.1.4.1.311.2.1.4";
constexpr std::uint8_t sequence_tag = 0x30, octet_string_tag = 0x04;

struct FreePkcs7 {
  void operator()(PKCS7* object) const noexcept { PKCS7_free(object); }
};
struct FreeStore {
  void operator()(X509_STORE* object) const noexcept { X509_STORE_free(object); }
};
using Pkcs7 = std::unique_ptr<PKCS7, FreePkcs7>;

Pkcs7 parsed(Bytes signature) {
  const unsigned char* at = signature.data();
  Pkcs7 pkcs7(d2i_PKCS7(nullptr, &at, static_cast<long>(signature.size())));
  ERR_clear_error();
  return pkcs7;
}

// One DER element with a definite length; its content is a view.
struct Element {
  std::uint8_t tag = 0;
  Bytes content;
};
Element take_element(ByteReader& reader) {
  const auto tag = reader.take<std::uint8_t>();
  std::size_t size = reader.take<std::uint8_t>();
  if (size >= 0x80) {
    const std::size_t count = size & 0x7fU;
    if (count == 0 || count > 4) reader.fail("length of " + std::to_string(count) + " bytes");
    size = 0;
    for (const std::uint8_t byte : reader.take(count)) size = (size << 8U) | byte;
  }
  return {tag, reader.take(size)};
}

// The content of SpcIndirectDataContent without tag and length: what is signed.
Bytes signed_content(PKCS7* pkcs7) {
  if (!pkcs7 || PKCS7_type_is_signed(pkcs7) != 1 || !pkcs7->d.sign || !pkcs7->d.sign->contents) return {};
  const PKCS7* const contents = pkcs7->d.sign->contents;
  char oid[64] = {};
  OBJ_obj2txt(oid, sizeof(oid), contents->type, 1);
  const ASN1_TYPE* const other = contents->d.other;
  if (std::string_view(oid) != indirect_data_oid || !other || other->type != V_ASN1_SEQUENCE) return {};
  const ASN1_STRING* const text = other->value.sequence;
  ByteReader reader("SpcIndirectDataContent",
                    {ASN1_STRING_get0_data(text), static_cast<std::size_t>(ASN1_STRING_length(text))});
  return take_element(reader).content;
}

bool verifies(PKCS7* pkcs7, Bytes content, X509* anchor) {
  const std::unique_ptr<X509_STORE, FreeStore> store(X509_STORE_new());
  openssl::expect(store && X509_STORE_add_cert(store.get(), anchor) == 1, "trust a certificate");
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
  X509_STORE_set_purpose(store.get(), X509_PURPOSE_ANY);
  const openssl::Handle<BIO> data{BIO_new_mem_buf(content.data(), static_cast<int>(content.size()))};
  const bool good = PKCS7_verify(pkcs7, nullptr, store.get(), data.get(), nullptr, PKCS7_BINARY) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace

std::optional<Buffer> authenticode_digest(Bytes signature) {
  constexpr std::size_t sha256_size = 32, sha384_size = 48;
  try {
    const Pkcs7 pkcs7 = parsed(signature);
    ByteReader content("SpcIndirectDataContent", signed_content(pkcs7.get()));
    take_element(content);  // what kind of file it is
    const Element info = take_element(content);
    if (info.tag != sequence_tag) return std::nullopt;
    ByteReader digest_info("DigestInfo", info.content);
    take_element(digest_info);  // the algorithm
    const Element digest = take_element(digest_info);
    const bool known = digest.content.size() == sha256_size || digest.content.size() == sha384_size;
    return digest.tag == octet_string_tag && known ? std::optional(buffer_of(digest.content)) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

bool authenticode_signed_under(Bytes signature, Bytes certificate) {
  const unsigned char* at = certificate.data();
  const openssl::Handle<X509> anchor{d2i_X509(nullptr, &at, static_cast<long>(certificate.size()))};
  ERR_clear_error();
  if (!anchor) return false;
  try {
    const Pkcs7 pkcs7 = parsed(signature);
    const Bytes content = signed_content(pkcs7.get());
    return !content.empty() && verifies(pkcs7.get(), content, anchor.get());
  } catch (const Error& error) {
    if (error.kind() == Kind::malformed) return false;
    throw;
  }
}

}  // namespace base
