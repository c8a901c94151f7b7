#include <p11-kit/pkcs11.h>

#include <cstring>

#include "base/error.h"
#include "base/pkcs11_token.h"
#include "kms/token_key_wrapper.h"

namespace kms {
namespace {

class TokenKeyWrapper final : public KeyWrapper {
 public:
  TokenKeyWrapper(const std::string& uri, const base::Pkcs11Token::ReadPinFile& read_pin)
      : token_(uri, read_pin), kek_(token_.find_named(base::Pkcs11Kind::secret_key)) {
    const auto number = [&](CK_ATTRIBUTE_TYPE type) {
      const base::Buffer value = token_.attribute(kek_, type);
      CK_ULONG read = 0;
      if (value.size() == sizeof read) std::memcpy(&read, value.data(), sizeof read);
      return read;
    };
    if (number(CKA_KEY_TYPE) != CKK_AES || number(CKA_VALUE_LEN) != 32)
      throw base::Error(base::Kind::failure, "PKCS#11: the key-encryption key is no AES-256 key");
    if (token_.flag(kek_, CKA_EXTRACTABLE) || !token_.flag(kek_, CKA_SENSITIVE))
      throw base::Error(
          base::Kind::failure,
          "PKCS#11: the key-encryption key could leave its token, wanted it sensitive and not extractable");
  }
  base::Buffer wrap(base::Bytes key, std::string_view /*context*/) override { return token_.wrap_aes(kek_, key); }
  base::Secret unwrap(base::Bytes wrapped, std::string_view /*context*/) override {
    return token_.unwrap_aes(kek_, wrapped);
  }

 private:
  base::Pkcs11Token token_;
  base::Pkcs11Token::Object kek_;
};

}  // namespace

std::unique_ptr<KeyWrapper> make_token_key_wrapper(
    const std::string& uri, const std::function<base::Secret(const std::string& path)>& read_pin) {
  return std::make_unique<TokenKeyWrapper>(uri, read_pin);
}

}  // namespace kms
