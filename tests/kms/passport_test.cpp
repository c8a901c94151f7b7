#include "kms/passport.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/initdata.h"
#include "kms/passport_deletion.h"
#include "kms/passport_records.h"
#include "kms/passport_setup.h"
#include "tests/kms/samples.h"
#include "tests/temporary_folder.h"

namespace kms {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

PassportSetup setup(const std::string& mount) {
  return {samples::acme, "", mount, "PEM", {{{samples::acme, base::Pool::worker, 1}, "spiffe://acme/worker/1"}}};
}

TEST(PassportSetup, LetsEachGuestReadAndMakeWhatIsBelowItsOwnPath) {
  const std::vector<OpenBaoWrite> writes = openbao_setup(setup("cvm")).writes;
  ASSERT_EQ(writes.size(), 4U);
  EXPECT_EQ(writes[0].path, "sys/mounts/cvm/kv");
  EXPECT_EQ(writes[1].path, "sys/auth/cvm/cert");
  EXPECT_EQ(writes[2].path, "sys/policies/acl/bulkhead-acme-worker-1");
  EXPECT_EQ(writes[2].body.at("policy").text(),
            "path \"cvm/kv/data/guests/worker/1/*\" { capabilities = [\"create\", \"read\"] }\n");
  EXPECT_EQ(writes[3].path, "auth/cvm/cert/certs/worker-1");
  EXPECT_EQ(writes[3].body.at("allowed_uri_sans").array().at(0).text(), "spiffe://acme/worker/1");
  EXPECT_EQ(writes[3].body.at("token_ttl").text(), "60s");
}

TEST(PassportSetup, IsTheSameAsAScriptAndAsADocument) {
  EXPECT_THAT(
      openbao_script(openbao_setup(setup(""))),
      AllOf(
          HasSubstr("set -eu\nbao read 'sys/mounts/kv/tune' >/dev/null 2>&1 || bao write 'sys/mounts/kv' - <<'END'\n"),
          HasSubstr("root namespace"), Not(HasSubstr("-namespace"))));
  PassportSetup elsewhere = setup("cvm");
  elsewhere.name_space = "acme";
  EXPECT_THAT(openbao_script(openbao_setup(elsewhere)),
              HasSubstr("bao write -namespace='acme' 'auth/cvm/cert/certs/worker-1' - <<'END'\n{"));
  const base::Json document = openbao_setup_document(openbao_setup(elsewhere));
  EXPECT_EQ(document.at("namespace").text(), "acme");
  EXPECT_EQ(document.at("writes").array().at(0).at("unless").text(), "sys/mounts/cvm/kv/tune");
  EXPECT_TRUE(document.at("writes").array().at(3).at("unless").is_null());
}

const base::GuestId worker_1{samples::acme, base::Pool::worker, 1};

TEST(PassportPath, IsOneForEachVersionAndTheFirstIsTheNameItself) {
  EXPECT_EQ(passport_path("cvm", worker_1, "volumes/data"), "cvm/kv/data/guests/worker/1/volumes/data");
  EXPECT_EQ(passport_path("cvm", worker_1, "volumes/data", 1), passport_path("cvm", worker_1, "volumes/data"));
  EXPECT_EQ(passport_path("", worker_1, "volumes/data", 12), "kv/data/guests/worker/1/volumes/data.12");
  EXPECT_FALSE(base::is_volume_name("data.12")) << "or a volume could be called as another's version is";
}

Place place(std::string name_space, std::string mount) {
  Place made{"openbao", "10.0.0.5:8200", std::move(name_space), std::move(mount), "", {}, {}};
  made.model = Model::passport;
  return made;
}

TEST(PassportDeletion, IsACommandForOneVersionOrForAllKeys) {
  EXPECT_EQ(passport_deletion(place("acme", "cvm"), worker_1, "data", 1),
            "bao kv metadata delete -namespace='acme' -mount='cvm/kv' 'guests/worker/1/volumes/data'");
  EXPECT_EQ(passport_deletion(place("", ""), worker_1, "data", 3),
            "bao kv metadata delete -mount='kv' 'guests/worker/1/volumes/data.3'");
  EXPECT_EQ(passport_end(place("acme", "cvm")), "bao secrets disable -namespace='acme' 'cvm/kv'");
}

TEST(PassportDeletion, IsNeverMadeOfWordsThatAShellWouldRun) {
  for (const Place& hostile : {place("acme'; rm -rf /; '", "cvm"), place("acme", "cvm\n"), place("../other", "cvm")}) {
    EXPECT_THROW(passport_deletion(hostile, worker_1, "data", 1), base::Error) << hostile.text();
    EXPECT_THROW(passport_end(hostile), base::Error) << hostile.text();
  }
}

/// A service's records of keys that guests ask a KMS for themselves.
class PassportRecords : public testing::Test {
 protected:
  FileStore open() {
    return open_passport_records({samples::acme, folder.file("records"), 0}, base::Secret(32), "openbao there");
  }
  tests::TemporaryFolder folder;
  KeyName name = KeyName::parse("worker/0/data");
};

TEST_F(PassportRecords, KnowTheStateOfAKeyThatIsNotThere) {
  {
    FileStore store = open();
    EXPECT_EQ(store.keys.create(name, samples::policy()).state, KeyState::never_formatted);
    store.keys.mark_formatted(name);
    EXPECT_EQ(store.keys.provider(), "openbao there");
  }
  FileStore store = open();
  EXPECT_EQ(store.keys.status(name).state, KeyState::in_use);
  EXPECT_EQ(store.keys.status(name).current, 1U);
}

TEST_F(PassportRecords, RotateAndForgetTheVersionThatTheyNeverHad) {
  FileStore store = open();
  store.keys.create(name, samples::policy());
  store.keys.mark_formatted(name);
  for (std::uint32_t version = 1; version <= 2; ++version) {
    EXPECT_EQ(store.keys.begin_rotation(name).next, version + 1);
    const KeyStatus done = store.keys.commit_rotation(name);
    EXPECT_EQ(done.current, version + 1);
    EXPECT_EQ(done.unerased, 0U) << "it is its owner's to erase";
  }
  store.keys.begin_rotation(name);
  EXPECT_EQ(store.keys.abandon_rotation(name).current, 3U);
  EXPECT_EQ(store.keys.begin_rotation(name).next, 5U) << "a version's number is never used twice";
}

TEST_F(PassportRecords, ReleaseAndDestroyNothing) {
  FileStore store = open();
  store.keys.create(name, samples::policy());
  store.keys.mark_formatted(name);
  const auto refused = [&](auto act, const char* why) {
    EXPECT_THAT(
        act, ThrowsMessage<base::Error>(HasSubstr(std::string("key worker/0/data: it is at openbao there, ") + why)));
  };
  refused([&] { static_cast<void>(store.keys.release(name, samples::guest())); }, "which has it alone");
  EXPECT_EQ(store.keys.revoke(name).state, KeyState::revoked);
  refused([&] { store.keys.destroy(name); }, "where its owner destroys it");
  EXPECT_EQ(store.keys.status(name).state, KeyState::revoked);
}

}  // namespace
}  // namespace kms
