#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/error.h"
#include "base/openssl_keys.h"
#include "base/rsa_oaep.h"

namespace base {

Buffer encrypt_rsa_oaep_sha256(const PublicKey& key, Bytes plaintext) {
  const openssl::Handle<EVP_PKEY_CTX> context{EVP_PKEY_CTX_new(key.state().key.get(), nullptr)};
  std::size_t size = 0;
  Buffer sealed;
  bool good = context && EVP_PKEY_encrypt_init(context.get()) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
              EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), EVP_sha256()) == 1 &&
              EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), EVP_sha256()) == 1 &&
              EVP_PKEY_encrypt(context.get(), nullptr, &size, plaintext.data(), plaintext.size()) == 1;
  if (good) {
    sealed.resize(size);
    good = EVP_PKEY_encrypt(context.get(), sealed.data(), &size, plaintext.data(), plaintext.size()) == 1;
  }
  ERR_clear_error();
  if (!good) throw Error(Kind::malformed, "RSA-OAEP: wanted an RSA key and a plaintext that fits it");
  sealed.resize(size);
  return sealed;
}

}  // namespace base
