#include "cli/signers.h"

#include "base/pkcs11_signer.h"
#include "base/posix_files.h"

namespace cli {

std::unique_ptr<base::Signer> open_signer(const std::string& key) {
  if (key.starts_with("pkcs11:")) return base::pkcs11_signer(key);
  const base::Secret pem = base::read_secret_file(key);
  const auto* const text = reinterpret_cast<const char*>(pem.view().data());
  return std::make_unique<base::KeySigner>(base::PrivateKey::from_pem({text, pem.size()}, key));
}

}  // namespace cli
