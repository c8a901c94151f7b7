#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "base/error.h"
#include "base/openssl_keys.h"

namespace base {
namespace {

using openssl::expect;
using openssl::Handle;

/// The peer's point as an OpenSSL key; OpenSSL checks that it lies on the curve.
Handle<EVP_PKEY> peer_key(const EcdhKey::Point& point) {
  std::array<std::uint8_t, 65> raw{4};
  std::copy(point.x.begin(), point.x.end(), raw.begin() + 1);
  std::copy(point.y.begin(), point.y.end(), raw.begin() + 33);
  char group[] = "prime256v1";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
                                   OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, raw.data(), raw.size()),
                                   OSSL_PARAM_construct_end()};
  const Handle<EVP_PKEY_CTX> context{EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)};
  EVP_PKEY* key = nullptr;
  const bool good =
      EVP_PKEY_fromdata_init(context.get()) == 1 &&
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parameters)) == 1;
  ERR_clear_error();
  if (!good) throw Error(Kind::malformed, "EC public key: the point is not on P-256");
  return Handle<EVP_PKEY>(key);
}

}  // namespace

struct EcdhKey::State {
  PrivateKey key;
};

EcdhKey::EcdhKey() : EcdhKey(PrivateKey::generate(PrivateKey::Type::p256)) {}
EcdhKey::EcdhKey(const PrivateKey& key) : state_(std::make_unique<State>(State{key})) {
  static_cast<void>(point());
}
EcdhKey::~EcdhKey() = default;
EcdhKey::EcdhKey(EcdhKey&&) noexcept = default;
EcdhKey& EcdhKey::operator=(EcdhKey&&) noexcept = default;

EcdhKey::Point EcdhKey::point() const {
  return state_->key.public_key().p256_point();
}

Secret EcdhKey::shared_secret(const Point& peer) const {
  const Handle<EVP_PKEY> other = peer_key(peer);
  const Handle<EVP_PKEY_CTX> context{EVP_PKEY_CTX_new(state_->key.state().key.get(), nullptr)};
  expect(EVP_PKEY_derive_init(context.get()) == 1 && EVP_PKEY_derive_set_peer(context.get(), other.get()) == 1,
         "start ECDH");
  std::size_t size = 32;
  Secret shared(size);
  expect(EVP_PKEY_derive(context.get(), shared.writable().data(), &size) == 1 && size == 32, "ECDH");
  return shared;
}

}  // namespace base
