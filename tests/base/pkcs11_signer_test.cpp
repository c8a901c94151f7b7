#include "base/pkcs11_signer.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <optional>

#include "base/error.h"
#include "base/posix_files.h"
#include "base/posix_process.h"
#include "tests/software_token.h"

namespace base {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

/// A software token that holds a key of each kind that signs.
class Token : public testing::Test {
 protected:
  void SetUp() override {
    if (tests::softhsm_library().empty()) GTEST_SKIP() << "needs softhsm2";
    tokens_.emplace();
    tokens_->add_token("owner");
    add_key("acme-id", "a1", key_);
    add_key("acme-ca", "a2", ca_key_);
    add_key("acme-approval", "a3", approval_key_);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return tokens_->file(name); }
  void add_key(const std::string& label, const std::string& id, const PrivateKey& key) const {
    tokens_->import("owner", label, id, key.pem());
  }
  void add_rsa_key(const std::string& label, const std::string& id) const {
    const std::string pem = run_or_throw({"openssl", "genpkey", "-algorithm", "RSA"});
    tokens_->import("owner", label, id, Secret(buffer_of(bytes_of(pem))));
  }
  [[nodiscard]] static std::string uri(const std::string& path, const std::string& query = "") {
    return "pkcs11:" + path + "?module-path=" + tests::softhsm_library() + query;
  }
  [[nodiscard]] std::string pin() const { return tokens_->pin_source(); }

  PrivateKey key_ = PrivateKey::generate(PrivateKey::Type::p384);
  PrivateKey ca_key_ = PrivateKey::generate(PrivateKey::Type::p256);
  PrivateKey approval_key_ = PrivateKey::generate(PrivateKey::Type::ed25519);

 private:
  std::optional<tests::SoftwareTokens> tokens_;
};

TEST_F(Token, SignsWithAKeyThatStaysInIt) {
  const auto signer = pkcs11_signer(uri("token=owner;object=acme-id;type=private", pin()));
  EXPECT_EQ(signer->public_key().fingerprint(), key_.public_key().fingerprint());
  const Buffer signature = signer->sign(bytes_of("ID block"));
  EXPECT_TRUE(key_.public_key().verifies(bytes_of("ID block"), signature));
  EXPECT_FALSE(key_.public_key().verifies(bytes_of("ID clock"), signature));
}

TEST_F(Token, SignsWithKeysOfEachKindHoweverTheirPublicHalvesAreWritten) {
  const tests::LeaksOfSofthsm leaks;
  const Buffer long_text(100'000, 7);
  for (const auto& [label, key] :
       {std::pair{"acme-id", key_}, std::pair{"acme-ca", ca_key_}, std::pair{"acme-approval", approval_key_}}) {
    for (const std::string& module : {tests::softhsm_library(), std::string(BULKHEAD_ODD_TOKEN)}) {
      const auto signer = pkcs11_signer(std::string("pkcs11:object=") + label + "?module-path=" + module + pin());
      EXPECT_EQ(signer->public_key().fingerprint(), key.public_key().fingerprint()) << label << module;
      EXPECT_TRUE(key.public_key().verifies(long_text, signer->sign(long_text))) << label << module;
    }
  }
}

TEST_F(Token, FindsAKeyByItsId) {
  EXPECT_EQ(pkcs11_signer(uri("id=%a1", pin()))->public_key().fingerprint(), key_.public_key().fingerprint());
}

TEST_F(Token, SaysWhatIsWrongWithTheUri) {
  const auto refusal = [](const std::string& text, const char* message) {
    EXPECT_THAT([&] { pkcs11_signer(text); }, ThrowsMessage<Error>(HasSubstr(message))) << text;
  };
  add_rsa_key("other-kind", "a4");
  refusal("pkcs11:token", "wanted a URI of RFC 7512");
  refusal(uri("colour=red", pin()), "an attribute that is not known");
  refusal(uri("object=acme-id", "&pin-value=1234"), "pin-value shows the PIN");
  refusal(uri("object=acme-id", "&pin-source=%7Ccat"), "wanted file:PATH");
  refusal(uri("object=acme-id"), "the token wants a PIN");
  refusal(uri("token=other", pin()), "fits 0 tokens");
  refusal(uri("object=other", pin()), "fits no private keys");
  refusal(uri("token=owner", pin()), "fits several private keys");
  refusal(uri("object=other-kind", pin()), "of no kind that signs here, wanted Ed25519, EC P-256 or EC P-384");
  refusal("pkcs11:object=a?module-path=/nowhere.so", "cannot load module /nowhere.so");
}

TEST_F(Token, RefusesAPinThatOthersMayReadOrThatIsWrong) {
  write_file_atomically(file("wrong"), std::string_view("4321"), 0600);
  EXPECT_THAT([&] { pkcs11_signer(uri("object=acme-id", "&pin-source=file:" + file("wrong"))); },
              ThrowsMessage<Error>(HasSubstr("cannot log in")));
  std::filesystem::permissions(file("pin"), std::filesystem::perms(0644));
  EXPECT_THAT([&] { pkcs11_signer(uri("object=acme-id", pin())); },
              ThrowsMessage<Error>(HasSubstr("others than its owner")));
}

}  // namespace
}  // namespace base
