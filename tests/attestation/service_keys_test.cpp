#include "attestation/wire/volume_keys.h"
#include "service_fixture.h"

// Keys of volumes: to whom, in which state, and what is left in the log.

namespace {

using namespace fake;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* volume = "resource/bulkhead/volume/worker-0-data";

class VolumeKeys : public ServiceTest {
 protected:
  VolumeKeys() { approve_with_volume(); }
  void approve_with_volume() {
    ApprovedGuest approved = worker.approved();
    approved.volumes = {"data"};
    approve({std::move(approved), control.approved()});
  }
  /// What the guest is sent, or why it is refused.
  std::string asked_for(Guest& guest, const std::string& path = volume) {
    DirectClient client(service);
    try {
      return described(wire::parse_volume_keys(wire::fetch_resource(client, guest, path).view()));
    } catch (const base::Error& error) {
      return reasons_behind(error.what());
    }
  }
  static std::string described(const wire::VolumeKeys& keys) {
    std::string text = keys.may_format ? "may format:" : "opens:";
    for (const base::Secret& key : keys.versions) text += " " + base::hex(key.view());
    return text;
  }
  std::string note(Guest& guest, const std::string& of = "worker-0-data") {
    DirectClient client(service);
    try {
      wire::AttestedSession(client, guest).note_formatted(of);
      return "done";
    } catch (const base::Error& error) {
      return reasons_behind(error.what());
    }
  }
  kms::KeyState state_of_key() { return key_store.status(kms::KeyName::parse("worker/0/data")).state; }
};

TEST_F(VolumeKeys, AreMadeAtFirstUseAndTheSameEachTime) {
  EXPECT_THAT(key_store.names(), testing::IsEmpty());
  const std::string first = asked_for(worker);
  EXPECT_THAT(first, testing::StartsWith("may format: "));
  EXPECT_EQ(asked_for(worker), first);
  EXPECT_THAT(key_store.names(), ElementsAre(kms::KeyName::parse("worker/0/data")));
}

TEST_F(VolumeKeys, MayNotFormatOnceTheGuestSaidThatItDid) {
  const std::string key = asked_for(worker).substr(std::string("may format: ").size());
  EXPECT_EQ(note(worker), "done");
  EXPECT_EQ(state_of_key(), kms::KeyState::in_use);
  EXPECT_EQ(asked_for(worker), "opens: " + key);
  EXPECT_EQ(note(worker), "done") << "a guest whose note was lost says it again";
  EXPECT_THAT(log, HasSubstr("\"event\":\"volume formatted\""));
}

TEST_F(VolumeKeys, AreBothSentWhileAKeyIsRotating) {
  asked_for(worker);
  note(worker);
  key_store.begin_rotation(kms::KeyName::parse("worker/0/data"));
  EXPECT_EQ(asked_for(worker).size(), std::string("opens:").size() + 2 * 65);
}

TEST_F(VolumeKeys, AreForNoOtherGuest) {
  asked_for(worker);
  EXPECT_THAT(asked_for(control), HasSubstr("key worker/0/data: pool: got control, wanted worker"));
  EXPECT_THAT(note(control), HasSubstr("pool: got control, wanted worker"));
  EXPECT_EQ(state_of_key(), kms::KeyState::never_formatted);
}

TEST_F(VolumeKeys, ThatTheApprovalDoesNotNameAreForNobody) {
  EXPECT_THAT(asked_for(worker, "resource/bulkhead/volume/worker-0-logs"),
              HasSubstr("the approval has no key worker/0/logs"));
  EXPECT_THAT(note(worker, "worker-0-logs"), HasSubstr("the approval has no key worker/0/logs"));
  EXPECT_THAT(asked_for(worker, "resource/bulkhead/volume/worker-0"), HasSubstr("no such resource"));
  asked_for(worker);
  approve({worker.approved(), control.approved()});
  EXPECT_THAT(asked_for(worker), HasSubstr("the approval has no key worker/0/data"))
      << "a newer approval has no volumes";
}

TEST_F(VolumeKeys, OutliveAnotherApprovedImage) {
  const std::string first = asked_for(worker);
  worker.events.at(3).data = "another initrd";
  EXPECT_THAT(asked_for(worker), HasSubstr("sha256 PCR 9: wanted "));
  approve_with_volume();
  EXPECT_EQ(asked_for(worker), first) << "the policy is now the new approval's";
}

TEST_F(VolumeKeys, ThatAreRevokedAreNotSent) {
  asked_for(worker);
  key_store.revoke(kms::KeyName::parse("worker/0/data"));
  EXPECT_THAT(asked_for(worker), HasSubstr("key worker/0/data: state: revoked"));
  EXPECT_THAT(note(worker), HasSubstr("key worker/0/data: state: revoked"));
}

TEST_F(VolumeKeys, StandInTheLogByNameAndNeverThemselves) {
  const std::string key = asked_for(worker).substr(std::string("may format: ").size());
  EXPECT_THAT(log, HasSubstr("\"key\":\"worker/0/data\""));
  EXPECT_THAT(log, HasSubstr("\"state\":\"never-formatted\""));
  EXPECT_THAT(log, testing::Not(HasSubstr(key)));
  EXPECT_EQ(verify_audit_log(log), std::nullopt);
}

TEST_F(VolumeKeys, AreNotSentWhenTheAuditLogCannotBeWritten) {
  audit_broken = true;
  EXPECT_THAT(asked_for(worker), HasSubstr("the service failed"));
}

TEST_F(VolumeKeys, AreNotSentByAProviderThatIsDown) {
  asked_for(worker);
  key_provider.down = true;
  EXPECT_THAT(asked_for(worker), HasSubstr("the service failed"));
  EXPECT_THAT(log, HasSubstr("it is down"));
}

TEST_F(VolumeKeys, AndBootstrapSecretsEndWhenTheAdministratorShredsThem) {
  asked_for(worker);
  outcome(control, "control-0");
  const std::string names = R"({"destroyed":["bootstrap/control/0","worker/0/data"]})";
  EXPECT_EQ(asked("DELETE", "/v1/keys", "").body, names);
  EXPECT_TRUE(key_provider.material.empty());
  EXPECT_THAT(log, HasSubstr("\"event\":\"keys destroyed\""));
  EXPECT_THAT(asked_for(worker), HasSubstr("no approval is loaded"));
  approve_with_volume();
  EXPECT_THAT(asked_for(worker), HasSubstr("key worker/0/data: state: destroyed")) << "the name stays taken";
  EXPECT_EQ(asked("DELETE", "/v1/keys", "").body, names) << "it can be said again";
}

TEST_F(VolumeKeys, AnswerNotesOnlyToWhomTheyKnowAndOnlyWhatTheyAre) {
  const Response unknown =
      service.answer_guest({"POST", "/bulkhead/v1/volume/worker-0-data/formatted", "", "", "{}", "10.0.0.2"});
  EXPECT_EQ(unknown.status, 401U);
  DirectClient client(service);
  wire::AttestedSession session(client, worker);
  EXPECT_EQ(client.post("/bulkhead/v1/volume/worker-0-data/formatted", R"({"force":true})").status, 401U);
  EXPECT_EQ(client.post("/bulkhead/v1/volume/worker-0-data", "{}").status, 404U);
  EXPECT_EQ(client.post("/bulkhead/v1/volume/", "{}").status, 404U);
}

struct Malformed {
  const char* what;
  std::size_t at;
  std::uint8_t value;
  const char* message;
};

TEST(VolumeKeysMessage, IsReadStrictly) {
  wire::VolumeKeys keys{true, {}};
  keys.versions.push_back(base::random_secret(32));
  const base::Buffer good = base::buffer_of(wire::volume_keys_bytes(keys).view());
  EXPECT_EQ(base::hex(wire::parse_volume_keys(good).versions.at(0).view()), base::hex(keys.versions[0].view()));
  const Malformed cases[] = {{"magic", 0, 'X', "magic: wanted BHVOLKEY"},
                             {"version", 8, 2, "version: got 2, wanted 1"},
                             {"flag", 9, 2, "mayFormat: got 2, wanted 0 or 1"},
                             {"no key", 10, 0, "count: got 0, wanted 1 or 2"},
                             {"too many keys", 10, 3, "count: got 3, wanted 1 or 2"},
                             {"reserved", 15, 1, "reserved bytes: wanted zeros"},
                             {"a key that is not there", 10, 2, "volume keys"}};
  for (const Malformed& one : cases) {
    base::Buffer bad = good;
    bad.at(one.at) = one.value;
    EXPECT_THAT([&] { wire::parse_volume_keys(bad); }, testing::ThrowsMessage<base::Error>(HasSubstr(one.message)))
        << one.what;
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{15}, good.size() - 1, good.size() + 1}) {
    base::Buffer bad = good;
    bad.resize(size);
    EXPECT_THROW(wire::parse_volume_keys(bad), base::Error) << size;
  }
}

}  // namespace
