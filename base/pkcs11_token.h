#pragma once
#include <functional>
#include <memory>
#include <optional>
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

/// Whether a session may write to the token; only who makes keys there needs to.
enum class Pkcs11Access { use_keys, make_keys };

/// A key pair to be made. The numbers are PKCS#11's.
struct Pkcs11KeyTemplate {
  unsigned long mechanism;  ///< CKM_..
  unsigned long key_type;   ///< CKK_..
  Buffer curve;             ///< CKA_EC_PARAMS
  std::string label;
  Buffer id;
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

  struct KeyPair {
    Object public_key = 0, private_key = 0;
  };

  /// @param read_pin nullptr: base::read_secret_file()
  /// @throws Error{usage} for a URI that is none, Error{failure} when it does not fit exactly one token,
  /// Pkcs11LoginRefused{host}; Error{host} when the token says no, as every member does
  explicit Pkcs11Token(const std::string& uri, const ReadPinFile& read_pin = nullptr,
                       Pkcs11Access access = Pkcs11Access::use_keys);
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
  /// nullopt when the object does not have it, or it is no number.
  [[nodiscard]] std::optional<unsigned long> number(Object object, unsigned long type);
  /// What the URI says of the object it names; empty when it does not. @param type CKA_LABEL or CKA_ID
  [[nodiscard]] Buffer named(unsigned long type) const;
  /// Whether the token has the mechanism, for this use. @param mechanism CKM_.. @param flag CKF_..
  [[nodiscard]] bool can(unsigned long mechanism, unsigned long flag);
  /// A signature as the token makes it: of CKM_ECDSA r and s over a hash, of CKM_EDDSA that of RFC 8032 over a text.
  [[nodiscard]] Buffer sign(Object key, unsigned long mechanism, Bytes text);
  /// Makes a pair that stays in the token: private, sensitive, not extractable, for signatures only; whether the token
  /// obeyed is for the caller to read back. Wants Pkcs11Access::make_keys.
  [[nodiscard]] KeyPair generate(const Pkcs11KeyTemplate& wanted);
  /// Makes an AES-256 key that stays in the token and wraps other keys, and does nothing else; likewise.
  [[nodiscard]] Object generate_wrapping_key(const std::string& label, Bytes id);
  void destroy(Object object);
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
