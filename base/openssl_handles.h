#pragma once
#include <memory>
#include <string>

/// Owners for OpenSSL objects, shared by the openssl_*.cpp files. The types stay opaque here: no OpenSSL header needed.
struct evp_pkey_st;
struct evp_md_ctx_st;
struct evp_md_st;
struct evp_cipher_ctx_st;
struct evp_pkey_ctx_st;
struct bio_st;
struct x509_st;
struct X509_crl_st;
struct x509_store_st;
struct x509_store_ctx_st;

namespace base::openssl {

struct Free {
  void operator()(evp_pkey_st* object) const noexcept;
  void operator()(evp_md_ctx_st* object) const noexcept;
  void operator()(evp_md_st* object) const noexcept;
  void operator()(evp_cipher_ctx_st* object) const noexcept;
  void operator()(evp_pkey_ctx_st* object) const noexcept;
  void operator()(bio_st* object) const noexcept;
  void operator()(x509_st* object) const noexcept;
  void operator()(X509_crl_st* object) const noexcept;
  void operator()(x509_store_st* object) const noexcept;
  void operator()(x509_store_ctx_st* object) const noexcept;
};
template <typename T>
using Handle = std::unique_ptr<T, Free>;

/// @throws Error{failure} "OpenSSL: WHAT: reason" with the newest reason of OpenSSL's queue, which is emptied
[[noreturn]] void fail(const std::string& what);
/// fail() unless `ok`.
inline void expect(bool ok, const char* what) {
  if (!ok) fail(what);
}

}  // namespace base::openssl
