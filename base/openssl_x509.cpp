#include "base/openssl_x509.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/error.h"

namespace base {
namespace {

using openssl::expect;
using openssl::Handle;

constexpr std::size_t largest_certificate = 1U << 16U, largest_list = 1U << 24U, most_blocks = 1024;

/// Memory that OpenSSL allocated.
struct FreeMemory {
  void operator()(void* memory) const noexcept { OPENSSL_free(memory); }
};
template <typename T>
using Owned = std::unique_ptr<T, FreeMemory>;

[[noreturn]] void refuse(std::string_view name, const std::string& why) {
  ERR_clear_error();
  throw Error(Kind::malformed, std::string(name) + ": " + why);
}

std::optional<std::int64_t> seconds_of(const ASN1_TIME* time) {
  const std::unique_ptr<ASN1_TIME, void (*)(ASN1_TIME*)> epoch{ASN1_TIME_set(nullptr, 0), ASN1_TIME_free};
  int days = 0, seconds = 0;
  const bool good =
      time != nullptr && ASN1_TIME_check(time) == 1 && ASN1_TIME_diff(&days, &seconds, epoch.get(), time) == 1;
  ERR_clear_error();
  if (!good) return std::nullopt;
  return std::int64_t{86'400} * days + seconds;
}

std::string text_of_name(const X509_NAME* name) {
  const Handle<BIO> memory{BIO_new(BIO_s_mem())};
  expect(X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_RFC2253) >= 0, "write a distinguished name");
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Buffer magnitude(const ASN1_INTEGER* number) {
  const unsigned char* const data = ASN1_STRING_get0_data(number);
  Buffer bytes(data, data + ASN1_STRING_length(number));
  bytes.erase(bytes.begin(), std::find_if(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte != 0; }));
  if (bytes.empty()) bytes.push_back(0);
  return bytes;
}

std::string dotted(const ASN1_OBJECT* object) {
  std::string text(128, '\0');
  const int size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
  text.resize(size < 0 ? 0 : std::min(static_cast<std::size_t>(size), text.size() - 1));
  return text;
}

void expect_each_extension_once(const X509* certificate, std::string_view name) {
  for (int at = 0; at < X509_get_ext_count(certificate); ++at) {
    const ASN1_OBJECT* const object = X509_EXTENSION_get_object(X509_get_ext(certificate, at));
    if (X509_get_ext_by_OBJ(certificate, object, at) >= 0)
      refuse(name, "certificate has the extension " + dotted(object) + " twice");
  }
}

bool starts_like_pem(Bytes bytes) {
  constexpr std::string_view mark = "-----BEGIN ";
  return std::search(bytes.begin(), bytes.end(), mark.begin(), mark.end()) != bytes.end();
}

X509Objects parse_der(Bytes bytes, std::string_view name) {
  X509Objects objects;
  const unsigned char* at = bytes.data();
  const Handle<X509> certificate{d2i_X509(nullptr, &at, static_cast<long>(bytes.size()))};
  ERR_clear_error();
  if (certificate) {
    objects.certificates.push_back(X509Certificate::from_der(bytes, name));
    return objects;
  }
  at = bytes.data();
  const Handle<X509_CRL> list{d2i_X509_CRL(nullptr, &at, static_cast<long>(bytes.size()))};
  ERR_clear_error();
  if (!list) refuse(name, "wanted a certificate or a revocation list, in DER or PEM");
  objects.revocation_lists.push_back(X509RevocationList::from_der(bytes, name));
  return objects;
}

/// Adds the next PEM block. @returns false when there is none
bool add_block(BIO* memory, X509Objects& objects, std::string_view name) {
  char* kind = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  const bool read = PEM_read_bio(memory, &kind, &header, &data, &size) == 1;
  const Owned<char> kind_owner{kind}, header_owner{header};
  const Owned<unsigned char> data_owner{data};
  if (!read) {
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) refuse(name, "damaged PEM block");
    ERR_clear_error();
    return false;
  }
  const std::string_view what = kind;
  const Bytes der{data, static_cast<std::size_t>(size)};
  if (what == PEM_STRING_X509 || what == PEM_STRING_X509_OLD)
    objects.certificates.push_back(X509Certificate::from_der(der, name));
  else if (what == PEM_STRING_X509_CRL)
    objects.revocation_lists.push_back(X509RevocationList::from_der(der, name));
  else
    refuse(name, "a PEM block is neither CERTIFICATE nor X509 CRL");
  return true;
}

}  // namespace

X509Certificate X509Certificate::from_der(Bytes der, std::string_view name) {
  if (der.size() > largest_certificate) refuse(name, "certificate of more than 64 KiB");
  const unsigned char* at = der.data();
  Handle<X509> certificate{d2i_X509(nullptr, &at, static_cast<long>(der.size()))};
  if (!certificate || at != der.data() + der.size()) refuse(name, "wanted a DER certificate and nothing after it");
  const auto not_before = seconds_of(X509_get0_notBefore(certificate.get()));
  const auto not_after = seconds_of(X509_get0_notAfter(certificate.get()));
  if (!not_before || !not_after) refuse(name, "certificate has no time of validity");
  expect_each_extension_once(certificate.get(), name);
  return X509Certificate(
      std::make_shared<const State>(State{std::move(certificate), buffer_of(der), *not_before, *not_after}));
}

Bytes X509Certificate::der() const noexcept {
  return state_->der;
}
Sha256 X509Certificate::fingerprint() const {
  return sha256(state_->der);
}
std::string X509Certificate::subject() const {
  return text_of_name(X509_get_subject_name(state_->certificate.get()));
}
std::string X509Certificate::issuer() const {
  return text_of_name(X509_get_issuer_name(state_->certificate.get()));
}

std::string X509Certificate::common_name() const {
  const X509_NAME* const name = X509_get_subject_name(state_->certificate.get());
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0 || X509_NAME_get_index_by_NID(name, NID_commonName, at) >= 0) return {};
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  const Owned<unsigned char> owner{text};
  ERR_clear_error();
  return size < 0 ? std::string() : std::string(text, text + size);
}

Buffer X509Certificate::serial() const {
  return magnitude(X509_get0_serialNumber(state_->certificate.get()));
}
std::int64_t X509Certificate::not_before() const noexcept {
  return state_->not_before;
}
std::int64_t X509Certificate::not_after() const noexcept {
  return state_->not_after;
}

PublicKey X509Certificate::public_key() const {
  unsigned char* data = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(state_->certificate.get()), &data);
  const Owned<unsigned char> owner{data};
  expect(size > 0, "read a certificate's key");
  return PublicKey::from_der({data, static_cast<std::size_t>(size)}, "key of " + subject());
}

std::optional<Buffer> X509Certificate::extension(const std::string& oid) const {
  const std::unique_ptr<ASN1_OBJECT, void (*)(ASN1_OBJECT*)> object{OBJ_txt2obj(oid.c_str(), 1), ASN1_OBJECT_free};
  expect(object != nullptr, "read an object identifier");
  const int at = X509_get_ext_by_OBJ(state_->certificate.get(), object.get(), -1);
  if (at < 0) return std::nullopt;
  const ASN1_OCTET_STRING* const value = X509_EXTENSION_get_data(X509_get_ext(state_->certificate.get(), at));
  const unsigned char* const data = ASN1_STRING_get0_data(value);
  return Buffer(data, data + ASN1_STRING_length(value));
}

X509RevocationList X509RevocationList::from_der(Bytes der, std::string_view name) {
  if (der.size() > largest_list) refuse(name, "revocation list of more than 16 MiB");
  const unsigned char* at = der.data();
  Handle<X509_CRL> list{d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size()))};
  if (!list || at != der.data() + der.size()) refuse(name, "wanted a DER revocation list and nothing after it");
  const auto this_update = seconds_of(X509_CRL_get0_lastUpdate(list.get()));
  const ASN1_TIME* const next = X509_CRL_get0_nextUpdate(list.get());
  const auto next_update = seconds_of(next);
  if (!this_update || (next != nullptr && !next_update)) refuse(name, "revocation list has no time of its update");
  return X509RevocationList(
      std::make_shared<const State>(State{std::move(list), buffer_of(der), *this_update, next_update}));
}

Bytes X509RevocationList::der() const noexcept {
  return state_->der;
}
Sha256 X509RevocationList::fingerprint() const {
  return sha256(state_->der);
}
std::string X509RevocationList::issuer() const {
  return text_of_name(X509_CRL_get_issuer(state_->list.get()));
}
std::int64_t X509RevocationList::this_update() const noexcept {
  return state_->this_update;
}
std::optional<std::int64_t> X509RevocationList::next_update() const noexcept {
  return state_->next_update;
}
std::size_t X509RevocationList::size() const {
  const int count = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(state_->list.get()));
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

std::optional<Buffer> X509RevocationList::number() const {
  const std::unique_ptr<ASN1_INTEGER, void (*)(ASN1_INTEGER*)> value{
      static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(state_->list.get(), NID_crl_number, nullptr, nullptr)),
      ASN1_INTEGER_free};
  ERR_clear_error();
  if (!value) return std::nullopt;
  return magnitude(value.get());
}

X509Objects parse_x509(Bytes bytes, std::string_view name) {
  if (!starts_like_pem(bytes)) return parse_der(bytes, name);
  if (bytes.size() > 2 * largest_list) refuse(name, "more than 32 MiB of PEM");
  const Handle<BIO> memory{BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))};
  X509Objects objects;
  std::size_t blocks = 0;
  while (add_block(memory.get(), objects, name))
    if (++blocks > most_blocks) refuse(name, "more than 1024 PEM blocks");
  return objects;
}

}  // namespace base
