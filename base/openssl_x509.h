#pragma once
#include "base/openssl_handles.h"
#include "base/x509.h"

/// What the openssl_*.cpp files know about certificates of others; nobody else includes this.
namespace base {

struct X509Certificate::State {
  openssl::Handle<x509_st> certificate;
  Buffer der;
  std::int64_t not_before = 0, not_after = 0;
};
struct X509RevocationList::State {
  openssl::Handle<X509_crl_st> list;
  Buffer der;
  std::int64_t this_update = 0;
  std::optional<std::int64_t> next_update;
};

}  // namespace base
