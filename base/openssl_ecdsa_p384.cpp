#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>

#include "base/ecdsa_p384.h"
#include "base/ecdsa_signature.h"
#include "base/error.h"
#include "base/openssl_keys.h"

namespace base {
namespace {

using openssl::expect;
using openssl::Handle;

constexpr std::size_t number_size = std::tuple_size_v<P384Number>;
using UncompressedPoint = std::array<std::uint8_t, 1 + 2 * number_size>;

}  // namespace

P384Point p384_point(const PublicKey& key) {
  if (key.algorithm() != "EC P-384") throw Error(Kind::malformed, "wanted an EC P-384 key, got " + key.algorithm());
  UncompressedPoint raw{};
  std::size_t size = 0;
  expect(EVP_PKEY_get_octet_string_param(key.state().key.get(), OSSL_PKEY_PARAM_PUB_KEY, raw.data(), raw.size(),
                                         &size) == 1 &&
             size == raw.size() && raw[0] == 4,
         "read an EC point");
  P384Point point;
  std::copy_n(raw.begin() + 1, number_size, point.x.begin());
  std::copy_n(raw.begin() + 1 + number_size, number_size, point.y.begin());
  return point;
}

PublicKey p384_public_key(const P384Point& point, std::string_view name) {
  UncompressedPoint raw{4};
  std::copy(point.x.begin(), point.x.end(), raw.begin() + 1);
  std::copy(point.y.begin(), point.y.end(), raw.begin() + 1 + number_size);
  std::array<char, 6> group{"P-384"};
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
                                   OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, raw.data(), raw.size()),
                                   OSSL_PARAM_construct_end()};
  const Handle<EVP_PKEY_CTX> context{EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)};
  EVP_PKEY* key = nullptr;
  const bool good =
      EVP_PKEY_fromdata_init(context.get()) == 1 &&
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parameters)) == 1;
  ERR_clear_error();
  if (!good) throw Error(Kind::malformed, std::string(name) + ": wanted a point on P-384");
  return PublicKey(std::make_shared<const PublicKey::State>(PublicKey::State{Handle<EVP_PKEY>(key)}));
}

Buffer p384_signature_der(const P384Signature& signature) {
  Buffer raw(signature.r.begin(), signature.r.end());
  append(raw, signature.s);
  return der_ecdsa_signature(raw);
}

P384Signature p384_signature(Bytes der) {
  const Buffer raw = raw_ecdsa_signature(der, number_size);
  P384Signature signature;
  std::copy_n(raw.begin(), number_size, signature.r.begin());
  std::copy_n(raw.begin() + number_size, number_size, signature.s.begin());
  return signature;
}

}  // namespace base
