#include <openssl/ec.h>
#include <openssl/err.h>

#include <memory>

#include "base/ecdsa_signature.h"
#include "base/error.h"
#include "base/openssl_handles.h"

namespace base {
namespace {

using openssl::expect;

struct FreeSignature {
  void operator()(ECDSA_SIG* signature) const noexcept { ECDSA_SIG_free(signature); }
};
using Signature = std::unique_ptr<ECDSA_SIG, FreeSignature>;

}  // namespace

Buffer raw_ecdsa_signature(Bytes der, std::size_t coordinate) {
  const unsigned char* at = der.data();
  const Signature signature{d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()))};
  ERR_clear_error();
  Buffer raw(2 * coordinate);
  const int size = static_cast<int>(coordinate);
  const bool good = signature && at == der.data() + der.size() &&
                    BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), size) == size &&
                    BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + coordinate, size) == size;
  if (!good)
    throw Error(Kind::malformed,
                "ECDSA signature: wanted DER with two numbers of at most " + std::to_string(coordinate) + " bytes");
  return raw;
}

Buffer der_ecdsa_signature(Bytes raw) {
  const int half = static_cast<int>(raw.size() / 2);
  const Signature signature{ECDSA_SIG_new()};
  ECDSA_SIG_set0(signature.get(), BN_bin2bn(raw.data(), half, nullptr), BN_bin2bn(raw.data() + half, half, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  expect(size > 0, "write a signature");
  Buffer out(der, der + size);
  OPENSSL_free(der);
  return out;
}

}  // namespace base
