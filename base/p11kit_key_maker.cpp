#include <p11-kit/pkcs11.h>

#include "base/p11kit_keys.h"
#include "base/pkcs11_key_maker.h"

namespace base {
namespace {

constexpr std::size_t id_size = 16;

/// @param key "an EC P-384 key"
void expect_mechanism(Pkcs11Token& token, const std::string& key, unsigned long mechanism, const char* name,
                      unsigned long use) {
  if (!token.can(mechanism, use))
    throw Pkcs11MechanismMissing(Kind::failure,
                                 std::string("PKCS#11: the token has no ") + name + ", which " + key + " wants");
}

void expect_no_key(Pkcs11Token& token, unsigned long attribute, const char* name, Bytes value) {
  for (const Pkcs11Kind kind : {Pkcs11Kind::private_key, Pkcs11Kind::public_key, Pkcs11Kind::secret_key})
    if (!token.find(kind, attribute, value).empty())
      throw Error(Kind::failure, std::string("PKCS#11: the token has a key of that ") + name +
                                     " already, which is not replaced; wanted another " + name + "=");
}

struct NewName {
  std::string label;
  Buffer id;
};

/// What the URI calls the key that is made, and no other key of the token is called.
NewName new_name(Pkcs11Token& token) {
  const Buffer label = token.named(CKA_LABEL);
  if (label.empty())
    throw Error(Kind::usage, "key: its PKCS#11 URI names no object, wanted object=LABEL for the key that is made");
  expect_no_key(token, CKA_LABEL, "object", label);
  Buffer id = token.named(CKA_ID);
  if (!id.empty()) expect_no_key(token, CKA_ID, "id", id);
  if (id.empty()) id = random_bytes(id_size);
  return {text_of(label), std::move(id)};
}

Pkcs11KeyTemplate wanted_key(Pkcs11Token& token, const p11kit::KeyKind& kind) {
  NewName name = new_name(token);
  const std::string what = std::string("an ") + kind.name + " key";
  expect_mechanism(token, what, kind.generate, kind.generate_name, CKF_GENERATE_KEY_PAIR);
  expect_mechanism(token, what, kind.sign, kind.sign_name, CKF_SIGN);
  return {kind.generate, kind.key_type, buffer_of(kind.curve), std::move(name.label), std::move(name.id)};
}

struct WantedFlag {
  unsigned long attribute;
  const char* name;
  bool value;
};

/// Whether the token made what it was asked for: a key that never leaves it, with these uses.
void expect_obeyed(Pkcs11Token& token, Pkcs11Token::Object key, std::initializer_list<WantedFlag> uses) {
  std::vector<WantedFlag> all{{CKA_TOKEN, "CKA_TOKEN", true},
                              {CKA_PRIVATE, "CKA_PRIVATE", true},
                              {CKA_SENSITIVE, "CKA_SENSITIVE", true},
                              {CKA_ALWAYS_SENSITIVE, "CKA_ALWAYS_SENSITIVE", true},
                              {CKA_EXTRACTABLE, "CKA_EXTRACTABLE", false},
                              {CKA_NEVER_EXTRACTABLE, "CKA_NEVER_EXTRACTABLE", true},
                              {CKA_DECRYPT, "CKA_DECRYPT", false},
                              {CKA_DERIVE, "CKA_DERIVE", false}};
  all.insert(all.end(), uses);
  for (const WantedFlag& flag : all)
    if (token.flag(key, flag.attribute) != flag.value)
      throw Error(Kind::host, std::string("PKCS#11: the token made a key whose ") + flag.name + " is " +
                                  (flag.value ? "not set" : "set"));
}

/// @param reason why, which is said as well when it fails
void destroy(Pkcs11Token& token, std::initializer_list<Pkcs11Token::Object> keys, const std::exception& reason) {
  try {
    for (const Pkcs11Token::Object key : keys) token.destroy(key);
  } catch (const Error& error) {
    throw Error(Kind::host, std::string(reason.what()) +
                                "; what is left of the key in the token must be removed there: " + error.what());
  }
}

/// Wraps a key and has it back.
void try_to_wrap(Pkcs11Token& token, Pkcs11Token::Object key) {
  const Secret some = random_secret(32);
  if (!equal_in_constant_time(token.unwrap_aes(key, token.wrap_aes(key, some.view())).view(), some.view()))
    throw Error(Kind::host, "PKCS#11: the token unwraps another key than it wrapped");
}

}  // namespace

void make_pkcs11_key(const std::string& uri, PrivateKey::Type type, const std::function<void(const Signer&)>& keep) {
  Pkcs11Token token(uri, nullptr, Pkcs11Access::make_keys);
  const Pkcs11Token::KeyPair pair = token.generate(wanted_key(token, p11kit::kind_of(type)));
  try {
    expect_obeyed(token, pair.private_key, {{CKA_SIGN, "CKA_SIGN", true}, {CKA_UNWRAP, "CKA_UNWRAP", false}});
    const p11kit::TokenSigner signer(token, pair);
    static_cast<void>(signer.sign(bytes_of("a first signature")));  // which its public key verifies
    keep(signer);
  } catch (const std::exception& reason) {
    destroy(token, {pair.private_key, pair.public_key}, reason);
    throw;
  }
}

void make_pkcs11_wrapping_key(const std::string& uri) {
  Pkcs11Token token(uri, nullptr, Pkcs11Access::make_keys);
  const NewName name = new_name(token);
  const std::string what = "an AES-256 key that wraps keys";
  expect_mechanism(token, what, CKM_AES_KEY_GEN, "CKM_AES_KEY_GEN", CKF_GENERATE);
  for (const unsigned long use : {CKF_WRAP, CKF_UNWRAP})
    expect_mechanism(token, what, CKM_AES_KEY_WRAP, "CKM_AES_KEY_WRAP", use);
  const Pkcs11Token::Object key = token.generate_wrapping_key(name.label, name.id);
  try {
    expect_obeyed(
        token, key,
        {{CKA_WRAP, "CKA_WRAP", true}, {CKA_UNWRAP, "CKA_UNWRAP", true}, {CKA_ENCRYPT, "CKA_ENCRYPT", false}});
    try_to_wrap(token, key);
  } catch (const std::exception& reason) {
    destroy(token, {key}, reason);
    throw;
  }
}

}  // namespace base
