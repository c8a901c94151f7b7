#include "base/openssl_handles.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "base/error.h"

namespace base::openssl {

void Free::operator()(evp_pkey_st* object) const noexcept {
  EVP_PKEY_free(object);
}
void Free::operator()(evp_md_ctx_st* object) const noexcept {
  EVP_MD_CTX_free(object);
}
void Free::operator()(evp_md_st* object) const noexcept {
  EVP_MD_free(object);
}
void Free::operator()(evp_cipher_ctx_st* object) const noexcept {
  EVP_CIPHER_CTX_free(object);
}
void Free::operator()(evp_pkey_ctx_st* object) const noexcept {
  EVP_PKEY_CTX_free(object);
}
void Free::operator()(bio_st* object) const noexcept {
  BIO_free_all(object);
}
void Free::operator()(x509_st* object) const noexcept {
  X509_free(object);
}
void Free::operator()(X509_crl_st* object) const noexcept {
  X509_CRL_free(object);
}
void Free::operator()(x509_store_st* object) const noexcept {
  X509_STORE_free(object);
}
void Free::operator()(x509_store_ctx_st* object) const noexcept {
  X509_STORE_CTX_free(object);
}

void fail(const std::string& what) {
  const unsigned long code = ERR_peek_last_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  throw Error(Kind::failure, "OpenSSL: " + what + (reason == nullptr ? "" : std::string(": ") + reason));
}

}  // namespace base::openssl
