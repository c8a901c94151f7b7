#include <gmock/gmock.h>

#include <filesystem>
#include <optional>

#include "base/crypto.h"
#include "base/error.h"
#include "base/pkcs11_key_maker.h"
#include "kms/provider_error.h"
#include "kms/token_key_wrapper.h"
#include "kms/token_store.h"
#include "tests/kms/samples.h"
#include "tests/software_token.h"

namespace kms {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

const KeyName root = KeyName::parse("worker/0/root");

/// Two software tokens, one for each tenant, with an AES key "kek" each.
class TokenStore : public testing::Test {
 protected:
  void SetUp() override {
    if (tests::softhsm_library().empty()) GTEST_SKIP() << "needs softhsm2";
    tokens_.emplace();
    for (const char* const tenant : {"acme", "rival"}) {
      tokens_->add_token(tenant);
      import(tenant, "kek", "a1", base::Secret(base::Buffer(32, 7)));
    }
  }
  [[nodiscard]] std::string file(const std::string& name) const { return tokens_->file(name); }
  void import(const std::string& token, const std::string& label, const std::string& id,
              const base::Secret& key) const {
    tokens_->import(token, label, id, key, {"--aes"});
  }
  [[nodiscard]] const tests::SoftwareTokens& tokens() const { return *tokens_; }
  [[nodiscard]] std::string uri(const std::string& token, const std::string& object = "kek") const {
    return "pkcs11:token=" + token + ";object=" + object + "?module-path=" + tests::softhsm_library() +
           tokens_->pin_source();
  }
  [[nodiscard]] FileStore open(const std::string& token = "acme") const {
    return open_token_store({samples::acme, file("keys.sqlite"), 0}, uri(token));
  }
  static base::Buffer key(KeyStore& store, Slot slot = Slot::current) {
    return base::buffer_of(std::get<base::Secret>(store.release(root, samples::guest(), slot)).view());
  }

 private:
  std::optional<tests::SoftwareTokens> tokens_;
};

TEST_F(TokenStore, WrapsAsTheStandardSays) {
  const auto wrapper = make_token_key_wrapper(uri("acme"));
  const base::Secret key = base::random_secret(32);
  const base::Buffer wrapped = wrapper->wrap(key.view(), "");
  EXPECT_EQ(wrapped, base::wrap_aes256(base::Buffer(32, 7), key.view()));  // OpenSSL's, under the same key
  EXPECT_EQ(base::buffer_of(wrapper->unwrap(wrapped, "").view()), base::buffer_of(key.view()));
}

TEST_F(TokenStore, KeepsKeysThroughTheirWholeLife) {
  base::Buffer first;
  {
    FileStore store = open();
    store.keys.create(root, samples::policy());
    store.keys.mark_formatted(root);
    first = key(store.keys);
  }
  FileStore store = open();
  EXPECT_EQ(key(store.keys), first);
  store.keys.begin_rotation(root);
  const base::Buffer second = key(store.keys, Slot::next);
  store.keys.commit_rotation(root);
  EXPECT_EQ(key(store.keys), second);
  store.keys.revoke(root);
  EXPECT_EQ(store.keys.destroy(root).state, KeyState::destroyed);
}

TEST_F(TokenStore, TakesAKeyThatWasMadeInTheToken) {
  base::make_pkcs11_wrapping_key(uri("acme", "made"));
  base::Buffer first;
  {
    FileStore store = open_token_store({samples::acme, file("keys.sqlite"), 0}, uri("acme", "made"));
    store.keys.create(root, samples::policy());
    first = key(store.keys);
  }
  FileStore store = open_token_store({samples::acme, file("keys.sqlite"), 0}, uri("acme", "made"));
  EXPECT_EQ(key(store.keys), first);
}

TEST_F(TokenStore, DoesNotOpenWithAnotherKey) {
  import("rival", "other", "a2", base::Secret(base::Buffer(32, 8)));
  {
    open().keys.create(root, samples::policy());
  }
  EXPECT_THAT([&] { open_token_store({samples::acme, file("keys.sqlite"), 0}, uri("rival", "other")); },
              ThrowsMessage<base::Error>(HasSubstr("cannot unwrap a key")));
}

TEST_F(TokenStore, IsOpenedAgainWhenItsTokenWasAway) {
  const auto wrapper = make_token_key_wrapper(uri("acme"));
  const base::Buffer key(32, 5), wrapped = wrapper->wrap(key, "");
  std::filesystem::rename(file("tokens"), file("elsewhere"));
  std::filesystem::create_directory(file("tokens"));
  EXPECT_THAT([&] { wrapper->unwrap(wrapped, ""); },
              ThrowsMessage<ProviderError>(
                  AllOf(HasSubstr("kms pkcs11 token acme, request 2: PKCS#11: "), HasSubstr("(a retry is safe)"))));
  std::filesystem::remove(file("tokens"));
  std::filesystem::rename(file("elsewhere"), file("tokens"));
  EXPECT_EQ(base::buffer_of(wrapper->unwrap(wrapped, "").view()), key);
}

TEST_F(TokenStore, NeverTriesAPinAgainThatItsTokenDidNotTake) {
  const auto wrapper = make_token_key_wrapper(uri("acme"));
  const base::Buffer wrapped = wrapper->wrap(base::Buffer(32, 5), "");
  const auto replace = [&](const char* pin) {
    std::filesystem::remove_all(file("tokens"));
    std::filesystem::create_directory(file("tokens"));
    tokens().add_token("acme", pin);
    tokens().import("acme", "kek", "a1", base::Secret(base::Buffer(32, 7)), {"--aes"}, pin);
  };
  const auto ask = [&] { wrapper->unwrap(wrapped, ""); };
  replace("87654321");
  EXPECT_THAT(ask, ThrowsMessage<ProviderError>(AllOf(HasSubstr("cannot log in"), Not(HasSubstr("a retry is safe")))));
  replace("1234");
  EXPECT_THAT(ask, ThrowsMessage<ProviderError>(HasSubstr("did not take the PIN, which is not tried again")));
  EXPECT_EQ(make_token_key_wrapper(uri("acme"))->unwrap(wrapped, "").size(), 32U);
}

TEST_F(TokenStore, SaysWhatIsWrongWithItsKey) {
  import("acme", "small", "a3", base::Secret(base::Buffer(16, 8)));
  EXPECT_THAT([&] { make_token_key_wrapper(uri("acme", "small")); },
              ThrowsMessage<base::Error>(HasSubstr("is no AES-256 key")));
  EXPECT_THAT([&] { make_token_key_wrapper(uri("acme", "none")); },
              ThrowsMessage<base::Error>(HasSubstr("fits no secret keys")));
  EXPECT_THAT([&] { make_token_key_wrapper("pkcs11:token"); }, ThrowsMessage<base::Error>(HasSubstr("RFC 7512")));
}

}  // namespace
}  // namespace kms
