#include <p11-kit/pkcs11.h>

#include <optional>
#include <type_traits>

#include "base/error.h"
#include "base/pkcs11_token.h"
#include "base/posix_files.h"
#include "kms/provider_error.h"
#include "kms/token_key_wrapper.h"

namespace kms {
namespace {

/// A session with the token and its key, which is no key for this when it could leave the token.
class OpenToken {
 public:
  OpenToken(const std::string& uri, const base::Pkcs11Token::ReadPinFile& read_pin)
      : token(uri, read_pin), kek(token.find_named(base::Pkcs11Kind::secret_key)) {
    if (token.number(kek, CKA_KEY_TYPE) != CKK_AES || token.number(kek, CKA_VALUE_LEN) != 32)
      throw base::Error(base::Kind::failure, "PKCS#11: the key-encryption key is no AES-256 key");
    if (token.flag(kek, CKA_EXTRACTABLE) || !token.flag(kek, CKA_SENSITIVE))
      throw base::Error(
          base::Kind::failure,
          "PKCS#11: the key-encryption key could leave its token, wanted it sensitive and not extractable");
  }
  base::Pkcs11Token token;
  base::Pkcs11Token::Object kek;
};

/// Opens the token again when it was away: to wrap and to unwrap changes nothing in it. But a PIN that it did not take
/// is never tried again: a token counts, and locks itself.
class TokenKeyWrapper final : public KeyWrapper {
 public:
  TokenKeyWrapper(std::string uri, const base::Pkcs11Token::ReadPinFile& read_pin) : uri_(std::move(uri)) {
    const std::string pin_file = base::pkcs11_uri_parts(uri_).pin_file;
    if (!pin_file.empty()) pin_ = read_pin ? read_pin(pin_file) : base::read_secret_file(pin_file);
    open();
  }
  base::Buffer wrap(base::Bytes key, std::string_view /*context*/) override {
    return asked([&](OpenToken& open) { return open.token.wrap_aes(open.kek, key); });
  }
  base::Secret unwrap(base::Bytes wrapped, std::string_view /*context*/) override {
    return asked([&](OpenToken& open) { return open.token.unwrap_aes(open.kek, wrapped); });
  }

 private:
  template <typename Ask>
  std::invoke_result_t<Ask, OpenToken&> asked(const Ask& ask) {
    ++requests_;
    const bool was_open = open_.has_value();
    try {
      return ask(opened());
    } catch (const base::Error& error) {
      open_.reset();  // before another: a library that is loaded once is initialized once
      if (!was_open || locked_out_) fail(error);
    }
    try {
      return ask(opened());
    } catch (const base::Error& error) {
      open_.reset();
      fail(error);
    }
  }
  OpenToken& opened() {
    if (locked_out_)
      throw base::Error(base::Kind::host, "PKCS#11: the token did not take the PIN, which is not tried again");
    try {
      if (!open_) open();
    } catch (const base::Pkcs11LoginRefused&) {
      locked_out_ = true;
      throw;
    }
    return *open_;
  }
  void open() {
    open_.emplace(uri_, [this](const std::string& /*path*/) { return pin_.clone(); });
  }
  [[noreturn]] void fail(const base::Error& error) const {
    throw ProviderError(base::Kind::host, "pkcs11 token " + base::pkcs11_uri_parts(uri_).token,
                        std::to_string(requests_), error.what(), locked_out_ ? Retry::useless : Retry::safe);
  }

  std::string uri_;
  base::Secret pin_;  ///< the file that the URI names, as it was
  std::optional<OpenToken> open_;
  bool locked_out_ = false;
  std::uint64_t requests_ = 0;
};

}  // namespace

std::unique_ptr<KeyWrapper> make_token_key_wrapper(
    const std::string& uri, const std::function<base::Secret(const std::string& path)>& read_pin) {
  return std::make_unique<TokenKeyWrapper>(uri, read_pin);
}

}  // namespace kms
