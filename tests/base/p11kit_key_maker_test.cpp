#include <gmock/gmock.h>
#include <p11-kit/pkcs11.h>

#include <memory>
#include <optional>

#include "base/encoding.h"
#include "base/error.h"
#include "base/pkcs11_key_maker.h"
#include "base/pkcs11_signer.h"
#include "base/pkcs11_token.h"
#include "base/posix_files.h"
#include "tests/software_token.h"

namespace base {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

/// An empty software token, "acme".
class KeyMaker : public testing::Test {
 protected:
  void SetUp() override {
    if (tests::softhsm_library().empty()) GTEST_SKIP() << "needs softhsm2";
    start();
  }
  void start(const std::string& configuration = "") {
    tokens_.reset();
    tokens_ = std::make_unique<tests::SoftwareTokens>(configuration);
    tokens_->add_token("acme");
  }
  [[nodiscard]] std::string file(const std::string& name) const { return tokens_->file(name); }
  [[nodiscard]] std::string uri(const std::string& object, const std::string& more = "") const {
    return "pkcs11:token=acme" + (object.empty() ? "" : ";object=" + object) +
           "?module-path=" + (more.empty() ? tests::softhsm_library() : more) + tokens_->pin_source();
  }
  PublicKey make(const std::string& uri, PrivateKey::Type type = PrivateKey::Type::p256) const {
    std::optional<PublicKey> made;
    make_pkcs11_key(uri, type, [&](const Signer& key) { made = key.public_key(); });
    return made.value();
  }
  /// How many keys of any kind the token has.
  [[nodiscard]] std::size_t keys() const {
    Pkcs11Token token(uri(""));
    const unsigned long of_token = CK_TRUE;
    const Bytes yes(reinterpret_cast<const std::uint8_t*>(&of_token), sizeof(CK_BBOOL));
    std::size_t count = 0;
    for (const Pkcs11Kind kind : {Pkcs11Kind::private_key, Pkcs11Kind::public_key, Pkcs11Kind::secret_key})
      count += token.find(kind, CKA_TOKEN, yes).size();
    return count;
  }
  /// That it is refused with this message and leaves the token as it was.
  void expect_refused(const std::string& uri, const std::string& message) const {
    const std::size_t before = keys();
    EXPECT_THAT([&] { make(uri); }, ThrowsMessage<Error>(HasSubstr(message))) << uri;
    EXPECT_EQ(keys(), before) << uri;
  }

 private:
  std::unique_ptr<tests::SoftwareTokens> tokens_;
};

TEST_F(KeyMaker, MakesKeysOfEachKindThatStayInTheToken) {
  const tests::LeaksOfSofthsm leaks;
  for (const auto& [type, label, algorithm] :
       {std::tuple{PrivateKey::Type::ed25519, "approval", "Ed25519"},
        std::tuple{PrivateKey::Type::p256, "ca", "EC P-256"}, std::tuple{PrivateKey::Type::p384, "id", "EC P-384"}}) {
    const PublicKey made = make(uri(label), type);
    EXPECT_EQ(made.algorithm(), algorithm);
    const auto signer = pkcs11_signer(uri(label));  // another session
    EXPECT_EQ(signer->public_key().fingerprint(), made.fingerprint());
    EXPECT_TRUE(made.verifies(bytes_of("approved"), signer->sign(bytes_of("approved"))));

    Pkcs11Token token(uri(label));
    const auto key = token.find_named(Pkcs11Kind::private_key);
    EXPECT_TRUE(token.flag(key, CKA_SENSITIVE) && token.flag(key, CKA_ALWAYS_SENSITIVE));
    EXPECT_TRUE(!token.flag(key, CKA_EXTRACTABLE) && token.flag(key, CKA_NEVER_EXTRACTABLE));
    EXPECT_TRUE(!token.flag(key, CKA_DERIVE) && !token.flag(key, CKA_UNWRAP) && !token.flag(key, CKA_DECRYPT));
    EXPECT_TRUE(token.attribute(key, CKA_VALUE).empty()) << "the token gives the private key away";
    EXPECT_EQ(token.attribute(key, CKA_ID).size(), 16U);
  }
  EXPECT_EQ(keys(), 6U);
}

TEST_F(KeyMaker, TakesTheIdThatTheUriNames) {
  make("pkcs11:token=acme;object=ca;id=%A1%02?" + uri("").substr(uri("").find("module-path")));
  Pkcs11Token token(uri("ca"));
  EXPECT_EQ(hex(token.attribute(token.find_named(Pkcs11Kind::private_key), CKA_ID)), "a102");
}

TEST_F(KeyMaker, NeverReplacesAKeyOfThatLabelOrId) {
  const std::string there = "pkcs11:token=acme;object=ca;id=%A1?", query = uri("").substr(uri("").find("module-path"));
  make(there + query);
  expect_refused(uri("ca"), "has a key of that object already");
  expect_refused("pkcs11:token=acme;object=other;id=%A1?" + query, "has a key of that id already");
  make(uri("other"));
}

TEST_F(KeyMaker, RefusesWhatNamesNoPlaceForTheKey) {
  expect_refused(uri(""), "names no object, wanted object=LABEL");
  expect_refused("pkcs11:token=other;object=ca" + uri("").substr(uri("").find('?')), "fits 0 tokens");
  expect_refused("pkcs11:nonsense", "wanted a URI of RFC 7512");
  const std::string query = "?module-path=" + tests::softhsm_library();
  expect_refused("pkcs11:token=acme;object=ca" + query, "the token wants a PIN");
  write_file_atomically(file("wrong"), std::string_view("4321"), 0600);
  expect_refused("pkcs11:token=acme;object=ca" + query + "&pin-source=file:" + file("wrong"), "cannot log in");
}

TEST_F(KeyMaker, TakesThePairOutAgainWhenItCannotBeKept) {
  EXPECT_THAT(
      [&] {
        make_pkcs11_key(uri("ca"), PrivateKey::Type::p256,
                        [](const Signer&) { throw Error(Kind::failure, "no space left on device"); });
      },
      ThrowsMessage<Error>("no space left on device"));
  EXPECT_EQ(keys(), 0U);
}

TEST_F(KeyMaker, KeepsNoKeyThatCouldLeaveTheToken) {
  EXPECT_THAT([&] { make(uri("ca", BULKHEAD_ODD_TOKEN)); },
              ThrowsMessage<Error>(HasSubstr("the token made a key whose CKA_EXTRACTABLE is set")));
  EXPECT_EQ(keys(), 0U);
}

TEST_F(KeyMaker, NamesTheMechanismThatTheTokenDoesNotHave) {
  start("slots.mechanisms = CKM_ECDSA,CKM_EC_KEY_PAIR_GEN\n");
  EXPECT_THAT([&] { make(uri("approval"), PrivateKey::Type::ed25519); },
              ThrowsMessage<Pkcs11MechanismMissing>(
                  HasSubstr("the token has no CKM_EC_EDWARDS_KEY_PAIR_GEN, which an Ed25519 key wants")));
  EXPECT_EQ(keys(), 0U);
  EXPECT_EQ(make(uri("approval"), PrivateKey::Type::p384).algorithm(), "EC P-384");
}

TEST_F(KeyMaker, MakesAWrappingKeyThatDoesNothingElseAndStaysInTheToken) {
  make_pkcs11_wrapping_key(uri("kek"));
  Pkcs11Token token(uri("kek"));  // another session
  const auto key = token.find_named(Pkcs11Kind::secret_key);
  EXPECT_EQ(token.number(key, CKA_KEY_TYPE), CKK_AES);
  EXPECT_EQ(token.number(key, CKA_VALUE_LEN), 32U);
  EXPECT_TRUE(token.flag(key, CKA_SENSITIVE) && !token.flag(key, CKA_EXTRACTABLE) && !token.flag(key, CKA_ENCRYPT));
  EXPECT_TRUE(token.attribute(key, CKA_VALUE).empty());
  const Buffer secret(32, 5);
  EXPECT_EQ(buffer_of(token.unwrap_aes(key, token.wrap_aes(key, secret)).view()), secret);
  EXPECT_THAT([&] { make_pkcs11_wrapping_key(uri("kek")); },
              ThrowsMessage<Error>(HasSubstr("has a key of that object already")));
  EXPECT_EQ(keys(), 1U);
}

TEST_F(KeyMaker, KeepsNoWrappingKeyThatCouldLeaveTheTokenOrThatItCannotUse) {
  EXPECT_THAT([&] { make_pkcs11_wrapping_key(uri("kek", BULKHEAD_ODD_TOKEN)); },
              ThrowsMessage<Error>(HasSubstr("the token made a key whose CKA_EXTRACTABLE is set")));
  EXPECT_EQ(keys(), 0U);
  start("slots.mechanisms = CKM_AES_KEY_GEN\n");
  EXPECT_THAT([&] { make_pkcs11_wrapping_key(uri("kek")); },
              ThrowsMessage<Pkcs11MechanismMissing>(HasSubstr("the token has no CKM_AES_KEY_WRAP")));
  EXPECT_EQ(keys(), 0U);
}

}  // namespace
}  // namespace base
