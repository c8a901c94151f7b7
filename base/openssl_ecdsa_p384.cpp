#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/ecdsa_p384.h"
#include "base/error.h"
#include "base/openssl_keys.h"

namespace base {
namespace {

using openssl::expect;
using openssl::Handle;

constexpr std::size_t number_size = std::tuple_size_v<P384Number>;
using UncompressedPoint = std::array<std::uint8_t, 1 + 2 * number_size>;

struct FreeSignature {
  void operator()(ECDSA_SIG* signature) const noexcept { ECDSA_SIG_free(signature); }
};
using SignatureHandle = std::unique_ptr<ECDSA_SIG, FreeSignature>;

BIGNUM* number(const P384Number& bytes) {
  return BN_bin2bn(bytes.data(), number_size, nullptr);
}

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
  const SignatureHandle pair(ECDSA_SIG_new());
  expect(ECDSA_SIG_set0(pair.get(), number(signature.r), number(signature.s)) == 1, "make a signature");
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  expect(size > 0, "write a signature");
  Buffer out(der, der + size);
  OPENSSL_free(der);
  return out;
}

P384Signature p384_signature(Bytes der) {
  const unsigned char* at = der.data();
  const SignatureHandle pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  P384Signature signature;
  const auto write = [](const BIGNUM* value, P384Number& to) {
    return BN_is_negative(value) == 0 && BN_bn2binpad(value, to.data(), number_size) == number_size;
  };
  if (!pair || at != der.data() + der.size() || !write(ECDSA_SIG_get0_r(pair.get()), signature.r) ||
      !write(ECDSA_SIG_get0_s(pair.get()), signature.s))
    throw Error(Kind::malformed, "ECDSA signature: wanted DER with two numbers of at most 48 bytes");
  return signature;
}

}  // namespace base
