#include <p11-kit/pkcs11.h>

#include "base/error.h"
#include "base/p11kit_keys.h"
#include "base/pkcs11_signer.h"

namespace base {
namespace {

/// The one private key that the URI names, and the public key object that goes with it.
Pkcs11Token::KeyPair find_pair(Pkcs11Token& token) {
  Pkcs11Token::KeyPair pair;
  pair.private_key = token.find_named(Pkcs11Kind::private_key);
  const Buffer id = token.attribute(pair.private_key, CKA_ID);
  const Buffer label = token.attribute(pair.private_key, CKA_LABEL);
  const auto found = id.empty() ? token.find(Pkcs11Kind::public_key, CKA_LABEL, label)
                                : token.find(Pkcs11Kind::public_key, CKA_ID, id);
  if (found.size() != 1)
    throw Error(Kind::failure, "PKCS#11: the token has no public key with the private key's id, wanted one beside it");
  pair.public_key = found.front();
  return pair;
}

/// Has a session of its own.
class SessionSigner final : public Signer {
 public:
  explicit SessionSigner(const std::string& uri) : token_(uri), signer_(token_, find_pair(token_)) {}
  [[nodiscard]] PublicKey public_key() const override { return signer_.public_key(); }
  [[nodiscard]] Buffer sign(Bytes message) const override { return signer_.sign(message); }

 private:
  Pkcs11Token token_;
  p11kit::TokenSigner signer_;
};

}  // namespace

std::unique_ptr<Signer> pkcs11_signer(const std::string& uri) {
  return std::make_unique<SessionSigner>(uri);
}

}  // namespace base
