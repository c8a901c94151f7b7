#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>

#include "base/crypto.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "base/posix_process.h"
#include "kms/token_key_wrapper.h"
#include "kms/token_store.h"
#include "tests/kms/samples.h"
#include "tests/temporary_folder.h"

namespace kms {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

const KeyName root = KeyName::parse("worker/0/root");

std::string softhsm_library() {
  for (const char* path : {"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"})
    if (std::filesystem::exists(path)) return path;
  return {};
}

/// Two software tokens, one for each tenant, with an AES key "kek" each.
class TokenStore : public testing::Test {
 protected:
  void SetUp() override {
    if (softhsm_library().empty()) GTEST_SKIP() << "needs softhsm2";
    std::filesystem::create_directory(file("tokens"));
    base::write_file_atomically(file("softhsm2.conf"), "directories.tokendir = " + file("tokens") + "\n", 0600);
    ::setenv("SOFTHSM2_CONF", file("softhsm2.conf").c_str(), 1);
    for (const char* const tenant : {"acme", "rival"}) {
      base::write_file_atomically(file(std::string(tenant) + ".pin"), std::string_view("1234\n"), 0600);
      softhsm({"--init-token", "--free", "--label", tenant, "--pin", "1234", "--so-pin", "56785678"});
      import(tenant, "kek", "a1", base::Secret(base::Buffer(32, 7)));
    }
  }
  void TearDown() override {}
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
  void softhsm(std::vector<std::string> words) const {
    words.insert(words.begin(), "softhsm2-util");
    base::run_or_throw(words, {.environment = {"SOFTHSM2_CONF=" + file("softhsm2.conf")}});
  }
  void import(const std::string& token, const std::string& label, const std::string& id,
              const base::Secret& key) const {
    base::write_file_atomically(file("key"), key.view(), 0600);
    softhsm({"--import", file("key"), "--aes", "--token", token, "--label", label, "--id", id, "--pin", "1234"});
  }
  [[nodiscard]] std::string uri(const std::string& token, const std::string& object = "kek") const {
    return "pkcs11:token=" + token + ";object=" + object + "?module-path=" + softhsm_library() +
           "&pin-source=file:" + file(token + ".pin");
  }
  [[nodiscard]] FileStore open(const std::string& token = "acme") const {
    return open_token_store({samples::acme, file("keys.sqlite"), 0}, uri(token));
  }
  static base::Buffer key(KeyStore& store, Slot slot = Slot::current) {
    return base::buffer_of(std::get<base::Secret>(store.release(root, samples::guest(), slot)).view());
  }

 private:
  tests::TemporaryFolder folder_;
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

TEST_F(TokenStore, DoesNotOpenWithAnotherKey) {
  import("rival", "other", "a2", base::Secret(base::Buffer(32, 8)));
  {
    open().keys.create(root, samples::policy());
  }
  EXPECT_THAT([&] { open_token_store({samples::acme, file("keys.sqlite"), 0}, uri("rival", "other")); },
              ThrowsMessage<base::Error>(HasSubstr("cannot unwrap a key")));
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
