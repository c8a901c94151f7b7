#include "cli/verbs.h"
#include "kms/connection.h"
#include "kms/open_connection.h"
#include "tests/cli/run_command.h"
#include "tests/kms/samples.h"
#include "tests/kms/tpm/tpm_fixture.h"

namespace kms {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

/// The embedded store of an owner whose key-encryption key is sealed to her machine's TPM.
class SealedStore : public WithTpm {
 protected:
  void SetUp() override {
    WithTpm::SetUp();
    if (IsSkipped()) return;
    base::write_file_atomically(file("kek"), base::base64(base::random_secret(32).view()) + "\n", 0600);
    ASSERT_EQ(seal({"--pcrs", "7"}).code, 0);
    std::filesystem::remove(file("kek"));
  }
  cli::Ran seal(const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"keys", "seal", file("kek"), "--out", file("kek.sealed"), "--tpm", tpm->address()};
    words.insert(words.end(), more.begin(), more.end());
    return cli::run_command(words);
  }
  KeyStore store() {
    const base::Json connection = base::Json::Object{
        {"schema", "bulkhead.kms-connection/v1"},
        {"tenant", "acme"},
        {"embedded", base::Json::Object{{"store", "keys.sqlite"}, {"keyFile", "kek.sealed"}, {"tpm", tpm->address()}}}};
    return open_connection(parse_connection(connection.compact(), "c"), folder.path(), {});
  }
  static base::Buffer key(KeyStore& store, Slot slot = Slot::current) {
    return base::buffer_of(std::get<base::Secret>(store.release(name(), samples::guest(), slot)).view());
  }
  static KeyName name() { return KeyName::parse("worker/0/data"); }
};

TEST_F(SealedStore, LivesItsWholeLifeUnderTheTpm) {
  base::Buffer first;
  {
    KeyStore keys = store();
    keys.create(name(), samples::policy());
    keys.mark_formatted(name());
    first = key(keys);
  }
  tpm->stop();
  EXPECT_THAT([&] { store(); }, ThrowsMessage<base::Error>(HasSubstr("cannot reach the TPM")));
  tpm->start();
  {
    KeyStore keys = store();
    EXPECT_EQ(key(keys), first);
    keys.begin_rotation(name());
    EXPECT_NE(key(keys, Slot::next), first);
    keys.commit_rotation(name());
  }
  {
    KeyStore keys = store();
    EXPECT_NE(key(keys), first);
    keys.revoke(name());
    keys.destroy(name());
    EXPECT_EQ(keys.status(name()).state, KeyState::destroyed);
  }
  tpm->tool({"tpm2_pcrextend", "7:sha256=" + std::string(64, '1')});
  EXPECT_THAT([&] { store(); }, ThrowsMessage<base::Error>(HasSubstr("kek.sealed: PCR sha256:7: not what")));
}

TEST_F(SealedStore, IsSealedAndUnsealedByVerbsThatReplaceNothing) {
  const auto unseal = [&](const std::string& out) {
    return cli::run_command({"keys", "unseal", file("kek.sealed"), "--out", out, "--tpm", tpm->address()});
  };
  ASSERT_EQ(unseal(file("kek")).code, 0);
  EXPECT_EQ(base::read_file(file("kek")).size(), 45U);
  EXPECT_EQ(std::filesystem::status(file("kek")).permissions(), std::filesystem::perms(0600));
  EXPECT_EQ(std::filesystem::status(file("kek.sealed")).permissions(), std::filesystem::perms(0600));
  EXPECT_THAT(unseal(file("kek")).err, HasSubstr("exists already"));
  EXPECT_THAT(seal().err, HasSubstr("exists already"));
  std::filesystem::remove(file("kek.sealed"));
  EXPECT_EQ(seal({"--pcrs", "16"}).code, 64) << "anybody may reset it";
  EXPECT_EQ(seal({"--pcrs", "7,7"}).code, 64);
  EXPECT_EQ(seal({"--pcrs", "24"}).code, 64);
  const cli::Ran sealed = seal({"--pcrs", "7,4"});
  ASSERT_EQ(sealed.code, 0) << sealed.err;
  EXPECT_THAT(sealed.out, HasSubstr("PCR 4,7"));
  EXPECT_THAT(sealed.out, HasSubstr("shred it here"));
  const cli::Ran again =
      cli::run_command({"keys", "seal", file("kek.sealed"), "--out", file("twice"), "--tpm", tpm->address()});
  EXPECT_THAT(again.err, HasSubstr("it is not sealed again"));
  tpm->stop();
  EXPECT_EQ(unseal(file("later")).code, 4);
  EXPECT_FALSE(std::filesystem::exists(file("later")));
  EXPECT_EQ(cli::run_command({"keys", "unseal", file("kek"), "--out", file("no"), "--tpm", "cmd:sh"}).code, 64);
}

}  // namespace
}  // namespace kms
