#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>

#include "base/ecdsa_p256.h"
#include "base/error.h"
#include "base/openssl_keys.h"

namespace base {
namespace {

using openssl::expect;
using openssl::Handle;

/// A key of the curve: copying its parameters is a fifth of the work of naming the curve.
EVP_PKEY* model() {
  static const Handle<EVP_PKEY> key{EVP_EC_gen("P-256")};
  expect(key != nullptr, "make a key");
  return key.get();
}

}  // namespace

PublicKey p256_public_key(const std::array<std::uint8_t, 64>& point, std::string_view name) {
  std::array<std::uint8_t, 65> uncompressed{4};
  std::copy(point.begin(), point.end(), uncompressed.begin() + 1);
  Handle<EVP_PKEY> key{EVP_PKEY_new()};
  expect(key && EVP_PKEY_copy_parameters(key.get(), model()) == 1, "start a key");
  const bool good = EVP_PKEY_set1_encoded_public_key(key.get(), uncompressed.data(), uncompressed.size()) == 1;
  ERR_clear_error();
  if (!good) throw Error(Kind::malformed, std::string(name) + ": wanted a point on P-256");
  return PublicKey(std::make_shared<const PublicKey::State>(PublicKey::State{std::move(key)}));
}

}  // namespace base
