#include <p11-kit/pkcs11.h>

#include "base/p11kit_keys.h"
#include "base/pkcs11_signer.h"

namespace base {
namespace {

constexpr std::size_t id_size = 16;

void expect_mechanism(Pkcs11Token& token, const p11kit::KeyKind& kind, unsigned long mechanism, const char* name,
                      unsigned long use) {
  if (!token.can(mechanism, use))
    throw Pkcs11MechanismMissing(
        Kind::failure, std::string("PKCS#11: the token has no ") + name + ", which an " + kind.name + " key wants");
}

void expect_no_key(Pkcs11Token& token, unsigned long attribute, const char* name, Bytes value) {
  for (const Pkcs11Kind kind : {Pkcs11Kind::private_key, Pkcs11Kind::public_key, Pkcs11Kind::secret_key})
    if (!token.find(kind, attribute, value).empty())
      throw Error(Kind::failure, std::string("PKCS#11: the token has a key of that ") + name +
                                     " already, which is not replaced; wanted another " + name + "=");
}

Pkcs11KeyTemplate wanted_key(Pkcs11Token& token, const p11kit::KeyKind& kind) {
  const Buffer label = token.named(CKA_LABEL);
  if (label.empty())
    throw Error(Kind::usage, "key: its PKCS#11 URI names no object, wanted object=LABEL for the key that is made");
  expect_mechanism(token, kind, kind.generate, kind.generate_name, CKF_GENERATE_KEY_PAIR);
  expect_mechanism(token, kind, kind.sign, kind.sign_name, CKF_SIGN);
  expect_no_key(token, CKA_LABEL, "object", label);
  Buffer id = token.named(CKA_ID);
  if (!id.empty()) expect_no_key(token, CKA_ID, "id", id);
  if (id.empty()) id = random_bytes(id_size);
  return {kind.generate, kind.key_type, buffer_of(kind.curve), text_of(label), std::move(id)};
}

/// Whether the token made what it was asked for.
void expect_obeyed(Pkcs11Token& token, Pkcs11Token::Object key) {
  struct Row {
    unsigned long attribute;
    const char* name;
    bool wanted;
  };
  for (const Row& row :
       {Row{CKA_TOKEN, "CKA_TOKEN", true}, Row{CKA_PRIVATE, "CKA_PRIVATE", true},
        Row{CKA_SENSITIVE, "CKA_SENSITIVE", true}, Row{CKA_ALWAYS_SENSITIVE, "CKA_ALWAYS_SENSITIVE", true},
        Row{CKA_EXTRACTABLE, "CKA_EXTRACTABLE", false}, Row{CKA_NEVER_EXTRACTABLE, "CKA_NEVER_EXTRACTABLE", true},
        Row{CKA_SIGN, "CKA_SIGN", true}, Row{CKA_DECRYPT, "CKA_DECRYPT", false}, Row{CKA_UNWRAP, "CKA_UNWRAP", false},
        Row{CKA_DERIVE, "CKA_DERIVE", false}})
    if (token.flag(key, row.attribute) != row.wanted)
      throw Error(Kind::host, std::string("PKCS#11: the token made a key whose ") + row.name + " is " +
                                  (row.wanted ? "not set" : "set"));
}

/// @param reason why, which is said as well when it fails
void destroy_pair(Pkcs11Token& token, const Pkcs11Token::KeyPair& pair, const std::exception& reason) {
  try {
    token.destroy(pair.private_key);
    token.destroy(pair.public_key);
  } catch (const Error& error) {
    throw Error(Kind::host, std::string(reason.what()) +
                                "; what of the pair is left in the token must be removed there: " + error.what());
  }
}

}  // namespace

void make_pkcs11_key(const std::string& uri, PrivateKey::Type type, const std::function<void(const Signer&)>& keep) {
  Pkcs11Token token(uri, nullptr, Pkcs11Access::make_keys);
  const Pkcs11Token::KeyPair pair = token.generate(wanted_key(token, p11kit::kind_of(type)));
  try {
    expect_obeyed(token, pair.private_key);
    const p11kit::TokenSigner signer(token, pair);
    static_cast<void>(signer.sign(bytes_of("a first signature")));  // which its public key verifies
    keep(signer);
  } catch (const std::exception& reason) {
    destroy_pair(token, pair, reason);
    throw;
  }
}

}  // namespace base
