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
  std::string rotated(Guest& guest, std::uint32_t version) {
    DirectClient client(service);
    try {
      wire::AttestedSession(client, guest).note_rotated("worker-0-data", version);
      return "done";
    } catch (const base::Error& error) {
      return reasons_behind(error.what());
    }
  }
  /// What the guest is told of the versions of its volume's key.
  std::string versions(Guest& guest) {
    DirectClient client(service);
    try {
      return wire::AttestedSession(client, guest).volume_versions("worker-0-data").text();
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

TEST_F(VolumeKeys, RotateWhenTheGuestSaysThatTheNewOneOpensItsVolume) {
  asked_for(worker);
  note(worker);
  EXPECT_EQ(versions(worker), R"({"next":null,"version":1})");
  EXPECT_EQ(asked("PUT", "/v1/rotations", R"({"keys":"all"})").body,
            R"({"keys":[{"name":"worker/0/data","next":2,"state":"rotating","unerased":0,"version":1}]})")
      << "the bootstrap secrets are in no disk's header";
  EXPECT_EQ(versions(worker), R"({"next":2,"version":1})");
  EXPECT_THAT(rotated(worker, 1), HasSubstr("version: got 1, wanted 2 of a key rotating"));
  EXPECT_THAT(rotated(worker, 3), HasSubstr("version: got 3, wanted 2"));
  EXPECT_EQ(state_of_key(), kms::KeyState::rotating);
  EXPECT_EQ(rotated(worker, 2), "done");
  EXPECT_EQ(rotated(worker, 2), "done") << "a guest whose note was lost says it again";
  EXPECT_EQ(versions(worker), R"({"next":null,"version":2})");
  EXPECT_THAT(rotated(worker, 1), HasSubstr("version: got 1, wanted 2 of a key in-use"));
  EXPECT_THAT(log, HasSubstr("\"event\":\"key rotation begun\""));
  EXPECT_THAT(log, HasSubstr("\"event\":\"key rotated\""));
}

TEST_F(VolumeKeys, OfARotationThatWasAbandonedAreNotTakenForThoseOfTheNext) {
  asked_for(worker);
  note(worker);
  const std::string one = R"({"keys":["worker/0/data"]})";
  EXPECT_EQ(asked("DELETE", "/v1/rotations", one).status, 409U) << "none is going on";
  asked("PUT", "/v1/rotations", one);
  EXPECT_THAT(asked("PUT", "/v1/rotations", one).body, HasSubstr("begin-rotation: the key is rotating, wanted in-use"));
  EXPECT_EQ(asked("PUT", "/v1/rotations", R"({"keys":"all"})").body, R"({"keys":[]})");
  EXPECT_EQ(asked("DELETE", "/v1/rotations", R"({"keys":"all"})").status, 200U);
  asked("PUT", "/v1/rotations", one);
  EXPECT_THAT(rotated(worker, 2), HasSubstr("version: got 2, wanted 3"));
  EXPECT_EQ(rotated(worker, 3), "done");
}

TEST_F(VolumeKeys, AreRotatedByTheirGuestOnly) {
  asked_for(worker);
  note(worker);
  asked("PUT", "/v1/rotations", R"({"keys":"all"})");
  EXPECT_THAT(rotated(control, 2), HasSubstr("pool: got control, wanted worker"));
  EXPECT_THAT(versions(control), HasSubstr("pool: got control, wanted worker"));
  EXPECT_EQ(service.answer_guest({"GET", "/bulkhead/v1/volume/worker-0-data", "", "", "", "10.0.0.2"}).status, 401U);
  EXPECT_EQ(state_of_key(), kms::KeyState::rotating);
}

TEST_F(VolumeKeys, AreNotRotatedForWhatIsNoRequest) {
  for (const char* body : {"", "{}", "[]", R"({"keys":"none"})", R"({"keys":[7]})", R"({"keys":["../x"]})",
                           R"({"keys":[],"force":true})"}) {
    EXPECT_EQ(asked("PUT", "/v1/rotations", body).status, 400U) << body;
  }
  EXPECT_THAT(asked("PUT", "/v1/rotations", R"({"keys":["worker/9/data"]})").body, HasSubstr("there is no such key"));
  outcome(worker);
  EXPECT_THAT(asked("PUT", "/v1/rotations", R"({"keys":["bootstrap/worker/0"]})").body,
              HasSubstr("the key is never-formatted, wanted in-use"));
}

TEST_F(VolumeKeys, ThatAProviderCouldNotEraseAreErasedLater) {
  asked_for(worker);
  note(worker);
  asked("PUT", "/v1/rotations", R"({"keys":"all"})");
  key_provider.down = true;
  EXPECT_EQ(rotated(worker, 2), "done") << "the rotation is over, whatever becomes of the old key";
  EXPECT_EQ(service.state().keys.at(0).unerased, 1U);
  EXPECT_EQ(asked("PUT", "/v1/erasures", "").status, 409U);
  key_provider.down = false;
  EXPECT_THAT(asked("PUT", "/v1/erasures", "").body, HasSubstr("\"unerased\":0"));
  EXPECT_EQ(asked("PUT", "/v1/erasures", "").body, R"({"keys":[]})");
  EXPECT_EQ(key_provider.material.size(), 1U);
}

TEST_F(VolumeKeys, StandInTheStateByNameAndNeverThemselves) {
  const std::string key = asked_for(worker).substr(std::string("may format: ").size());
  note(worker);
  asked("PUT", "/v1/rotations", R"({"keys":"all"})");
  const std::string text = asked("GET", "/v1/state", "").body;
  EXPECT_THAT(text, testing::Not(HasSubstr(key)));
  const ServiceState told = ServiceState::parse(text);
  ASSERT_EQ(told.keys.size(), 1U);
  EXPECT_EQ(told.keys[0].name, "worker/0/data");
  EXPECT_EQ(told.keys[0].state, kms::KeyState::rotating);
  EXPECT_EQ(told.keys[0].version, 1U);
  EXPECT_EQ(told.keys[0].next, 2U);
  EXPECT_EQ(told.key_problem, "");
  EXPECT_EQ(told.json().compact(), text);
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

TEST_F(VolumeKeys, OfAProviderThatIsDownMayBeAskedForAgain) {
  const std::string key = asked_for(worker);
  key_provider.down = true;
  EXPECT_EQ(asked_for(worker), "not now: key worker/0/data: kms fake, request 7: it is down (a retry is safe)");
  DirectClient client(service);
  EXPECT_THAT([&] { wire::fetch_resource(client, worker, volume); },
              testing::Throws<base::Error>(testing::Property(&base::Error::kind, base::Kind::host)))
      << "no refusal: a guest asks again";
  key_provider.down = false;
  EXPECT_EQ(asked_for(worker), key);
}

/// A request whose work is done, and that is not answered yet.
class AskedFor : public VolumeKeys {
 protected:
  AskedFor() {
    asked_for(worker);
    wire::AttestedSession(client, worker);
    Answer answer =
        service.begin_guest({"GET", "/kbs/v0/resource/bulkhead/volume/worker-0-data", client.session, "", "", "a"});
    pending = std::get<Pending>(std::move(answer));
    pending.work();
  }
  std::string answered(const std::exception_ptr& problem = nullptr) {
    const Response response = pending.finish(problem);
    return std::to_string(response.status) + " " + reasons_behind(response.body);
  }
  DirectClient client{service};
  Pending pending;
};

TEST_F(AskedFor, IsSentWhenNothingChangedMeanwhile) {
  EXPECT_EQ(pending.finish(nullptr).status, 200U);
}

TEST_F(AskedFor, IsNotSentToAGuestThatWasRevokedMeanwhile) {
  put("/v1/revocations", revocation("guest", "worker/0"));
  EXPECT_THAT(answered(), HasSubstr("401 revoked: guest worker/0"));
}

TEST_F(AskedFor, IsAskedForAgainWhenTheApprovalChangedMeanwhile) {
  approve_with_volume();
  EXPECT_EQ(answered(), "503 not now: another approval was loaded meanwhile");
}

TEST_F(AskedFor, IsAskedForAgainWhenTheWorkWasNotBegun) {
  EXPECT_THAT(answered(std::make_exception_ptr(NotBegun())),
              HasSubstr("503 not now: key worker/0/data: too much work"));
}

TEST_F(AskedFor, IsAskedForAgainWhenTheWorkDoesNotEnd) {
  EXPECT_EQ(pending.wait, Wait::for_a_while);
  EXPECT_THAT(answered(std::make_exception_ptr(StillUnderWay(std::chrono::seconds(10)))),
              HasSubstr("503 not now: key worker/0/data: " + key_store.provider() + ": no answer after 10 s"));
  EXPECT_THAT(service.state().key_problem, HasSubstr("no answer after 10 s"));
  asked_for(worker);
  EXPECT_EQ(service.state().key_problem, "");
  Answer rotation = service.begin_admin({"PUT", "/v1/rotations", "", "", R"({"keys":"all"})", "admin"});
  EXPECT_EQ(std::get<Pending>(rotation).wait, Wait::to_the_end) << "what was done is told, however long it takes";
}

TEST_F(AskedFor, IsNotSentWhenAnythingElseWentWrong) {
  const Response response = pending.finish(std::make_exception_ptr(base::Error(base::Kind::failure, "bad record")));
  EXPECT_EQ(response.status, 500U);
  EXPECT_THAT(log, HasSubstr("bad record"));
}

TEST_F(VolumeKeys, AndBootstrapSecretsEndWhenTheAdministratorShredsThem) {
  asked_for(worker);
  outcome(control, "control-0");
  const auto shredded = [&] {
    return base::Json::parse(asked("DELETE", "/v1/keys", "").body, "answer").at("destroyed").compact();
  };
  const std::string names = R"(["bootstrap/control/0","worker/0/data"])";
  EXPECT_EQ(shredded(), names);
  EXPECT_TRUE(key_provider.material.empty());
  EXPECT_THAT(log, HasSubstr("\"event\":\"keys destroyed\""));
  EXPECT_THAT(asked_for(worker), HasSubstr("no approval is loaded"));
  approve_with_volume();
  EXPECT_THAT(asked_for(worker), HasSubstr("key worker/0/data: state: destroyed")) << "the name stays taken";
  EXPECT_EQ(shredded(), names) << "it can be said again";
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
  EXPECT_EQ(client.get("/bulkhead/v1/volume/worker-0").status, 404U);
  EXPECT_EQ(client.post("/bulkhead/v1/volume/worker-0-data/rotated", "{}").status, 401U);
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
