#include "base/certificate.h"
#include "service_fixture.h"

// The service of a tenant whose guests ask their owner's KMS for their keys themselves.

namespace {

using namespace fake;
using testing::AllOf;
using testing::HasSubstr;

class PassportService : public testing::Test, protected TenantService {
 protected:
  PassportService() : TenantService("acme", "https://10.20.255.1:8443", {}, passport_place()) {
    ApprovedGuest approved = worker.approved();
    approved.volumes = {"data"};
    approve({std::move(approved), control.approved()});
  }
};

TEST_F(PassportService, SaysInWhichStateAKeyIsAndHasNone) {
  DirectClient client(service);
  wire::AttestedSession session(client, worker);
  EXPECT_EQ(session.volume_versions("worker-0-data").may_format, true);
  session.note_formatted("worker-0-data");
  EXPECT_EQ(session.volume_versions("worker-0-data").may_format, false);
  for (const char* path : {"resource/bulkhead/volume/worker-0-data", "resource/bulkhead/bootstrap/worker-0"}) {
    try {
      session.resource(path);
      ADD_FAILURE() << path << " was sent";
    } catch (const base::Error& error) {
      EXPECT_THAT(reasons_behind(error.what()), HasSubstr(" is at openbao 10.0.0.5:8200"));
    }
  }
  EXPECT_EQ(key_store.names().size(), 1U);
}

TEST_F(PassportService, LeadsARotationOfAKeyThatItNeverHas) {
  DirectClient client(service);
  wire::AttestedSession session(client, worker);
  session.volume_versions("worker-0-data");
  session.note_formatted("worker-0-data");
  EXPECT_EQ(asked("PUT", "/v1/rotations", R"({"keys":"all"})").status, 200U);
  EXPECT_EQ(session.volume_versions("worker-0-data").current, 1U);
  EXPECT_EQ(session.volume_versions("worker-0-data").next, 2U);
  EXPECT_EQ(session.volume_versions("worker-0-data").may_format, false);
  session.note_rotated("worker-0-data", 2);
  session.note_rotated("worker-0-data", 2);
  EXPECT_EQ(session.volume_versions("worker-0-data").current, 2U);
  EXPECT_EQ(key_store.status(kms::KeyName::parse("worker/0/data")).unerased, 0U);
  EXPECT_THAT(log, AllOf(HasSubstr("\"event\":\"key rotation begun\""), HasSubstr("\"event\":\"key rotated\"")));
}

TEST_F(PassportService, TellsItsAdministratorWhereTheKeysAre) {
  const ServiceState told = ServiceState::parse(service.state().json().compact());
  EXPECT_EQ(told.passports, passport_place());
}

TEST_F(PassportService, IssuesTheCertificateForTheAttestedKey) {
  DirectClient client(service);
  const wire::ClientIdentity own = wire::AttestedSession(client, worker).identity("worker-0");
  const auto key = PrivateKey::from_pem(base::text_of(own.key.view()), "own");
  EXPECT_EQ(base::certificate_key(own.certificate, "own").fingerprint(), key.public_key().fingerprint());
  EXPECT_THAT(log, HasSubstr("certificate issued"));
  EXPECT_THROW(wire::AttestedSession(client, worker).identity("control-0"), base::Error);
}

TEST_F(PassportService, SaysThatKeysAreDestroyedElsewhere) {
  const Response refused = asked("DELETE", "/v1/keys", "");
  EXPECT_EQ(refused.status, 409U);
  EXPECT_THAT(refused.body, AllOf(HasSubstr("keys are at openbao 10.0.0.5:8200, namespace acme, mount cvm"),
                                  HasSubstr("their owner destroys them there"),
                                  HasSubstr("bao secrets disable -namespace='acme' 'cvm/kv'")));
  DirectClient client(service);
  EXPECT_EQ(wire::AttestedSession(client, worker).volume_versions("worker-0-data").current, 1U) << "nothing was ended";
}

}  // namespace
