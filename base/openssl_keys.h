#pragma once
#include "base/crypto.h"
#include "base/openssl_handles.h"

/// What the openssl_*.cpp files know about our keys; nobody else includes this.
namespace base {

struct PublicKey::State {
  openssl::Handle<evp_pkey_st> key;
};
struct PrivateKey::State {
  openssl::Handle<evp_pkey_st> key;
};

}  // namespace base
