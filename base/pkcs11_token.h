#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/secret.h"

namespace base {

/// The token did not take the PIN. It counts such tries, and locks itself after a few.
class Pkcs11LoginRefused final : public Error {
 public:
  using Error::Error;
};

enum class Pkcs11Kind { private_key, public_key, secret_key };

/// A session with the one token that a PKCS#11 URI names, logged in (p11kit_token.cpp).
/// URIs are of RFC 7512, e.g. "pkcs11:token=owner;object=acme-id?pin-source=file:/etc/acme/pin". `module-path` names
/// the PKCS#11 library, without it p11-kit's configured modules are asked. The PIN is the first line of the file
/// `pin-source` names, which only its owner may read; `pin-value` is refused, because others see a command line.
class Pkcs11Token {
 public:
  using Object = unsigned long;  ///< a handle, valid for this session

  /// Reads the file that `pin-source` names.
  using ReadPinFile = std::function<Secret(const std::string& path)>;

  /// @param read_pin nullptr: base::read_secret_file()
  /// @throws Error{usage} for a URI that is none, Error{failure} when it does not fit exactly one token,
  /// Pkcs11LoginRefused{host}; Error{host} when the token says no, as every member does
  explicit Pkcs11Token(const std::string& uri, const ReadPinFile& read_pin = nullptr);
  Pkcs11Token(const Pkcs11Token&) = delete;
  Pkcs11Token& operator=(const Pkcs11Token&) = delete;
  ~Pkcs11Token();

  /// The one key of that kind that the URI's object= and id= name. @throws Error{failure} when there is none, or
  /// several
  [[nodiscard]] Object find_named(Pkcs11Kind kind);
  /// At most three keys with an attribute of that value. @param attribute_type CKA_..
  [[nodiscard]] std::vector<Object> find(Pkcs11Kind kind, unsigned long attribute_type, Bytes value);
  /// Empty when the object does not have it. @param type CKA_..
  [[nodiscard]] Buffer attribute(Object object, unsigned long type);
  [[nodiscard]] bool flag(Object object, unsigned long type);
  /// A raw signature (r and s) over a hash.
  [[nodiscard]] Buffer sign_ecdsa(Object key, Bytes hash);
  /// AES key wrap (RFC 3394) done by the token. @param key 16 to 32 bytes in whole 8-byte blocks
  [[nodiscard]] Buffer wrap_aes(Object kek, Bytes key);
  [[nodiscard]] Secret unwrap_aes(Object kek, Bytes wrapped);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// @throws Error{usage} unless Pkcs11Token takes the text for a URI
void expect_pkcs11_uri(const std::string& uri);

/// What a URI says of the token and of this machine; "" for what it does not say.
struct Pkcs11UriParts {
  std::string token;     ///< its label
  std::string pin_file;  ///< the path of `pin-source`
  std::string module_path;
};
/// @throws Error{usage} as Pkcs11Token
Pkcs11UriParts pkcs11_uri_parts(const std::string& uri);

}  // namespace base
