#include "attestation/store.h"

namespace attestation {

base::Secret secret_made_once(Store& store, base::Bytes storage_key, const std::string& name) {
  const base::Bytes bound_to = base::bytes_of(name);
  if (const std::optional<base::SealedBox> stored = store.sealed_secret(name)) {
    return base::open_aes256_gcm(storage_key, *stored, bound_to);
  }
  base::Secret secret = base::random_secret(32);
  store.put_sealed_secret(name, base::seal_aes256_gcm(storage_key, secret.view(), bound_to));
  return secret;
}

}  // namespace attestation
