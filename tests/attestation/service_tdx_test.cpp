#include "attestation/wire/jwe.h"
#include "service_fixture.h"
#include "tests/attestation/intel_platform.h"

// A service whose owners approved TDX guests, from request to secret, with a platform of the tests' own.

namespace {

using namespace fake;
using attestation::intel_platform::Platform;
using attestation::intel_platform::Scenario;
using testing::HasSubstr;

constexpr std::size_t attributes_at = 0x78, mrtd_at = 0x88, mr_config_id_at = 0xb8, rtmr0_at = 0x148,
                      report_data_at = 0x208;

base::Buffer filled(std::size_t size, std::uint8_t value) {
  return base::Buffer(size, value);
}

/// The one event of RTMR `index`, and the register after it.
base::Sha384 event_digest(unsigned index) {
  return base::sha384(base::bytes_of("event of RTMR" + std::to_string(index)));
}
base::Sha384 rtmr(unsigned index) {
  base::Buffer extended(48, 0);
  base::append(extended, event_digest(index).bytes);
  return base::sha384(extended);
}

/// What the owners approved of a guest; its initdata is the guest's name.
ApprovedGuest approved_td(const std::string& guest) {
  measurement::TdxReferenceValues values;
  values.mrtd.bytes.fill(0x17);
  values.mr_config_id = measurement::MrConfigId::from(base::sha384(base::bytes_of(guest)).bytes);
  for (unsigned index = 0; index < values.rtmrs.size(); ++index) {
    values.rtmrs[index] = {rtmr(index)};
    values.events.push_back({index + 1, "EV_EVENT_TAG", "event", measurement::Provenance::input_file, base::sha256({}),
                             event_digest(index)});
  }
  return {guest, base::sha256(base::bytes_of(guest)), values};
}

class TdxServiceTest : public testing::Test {
 protected:
  TdxServiceTest() {
    for (unsigned index = 0; index < 3; ++index) {
      scenario.fields[rtmr0_at + 48 * index] = base::buffer_of(rtmr(index).bytes);
    }
    scenario.fields[attributes_at] = {0, 0, 0, 0x10, 0, 0, 0, 0};
    scenario.fields[mrtd_at] = filled(48, 0x17);
    name("worker/0");
  }
  /// The service, which starts with the collateral of the scenario as it is then.
  TenantService& tenant() {
    if (started) return *started;
    const Platform platform(scenario);
    started.emplace("acme", "https://10.20.255.1:8443",
                    VendorCollateral{platform.collateral(), platform.request().roots});
    started->now = intel_platform::now * 1000;
    const Approval approval{"acme", "tdx", {}, std::nullopt, {approved_td("worker/0"), approved_td("control/0")}};
    EXPECT_EQ(started->put("/v1/approval", started->envelope(approval)).status, 200U);
    return *started;
  }
  void name(const std::string& guest) {
    document = guest;
    scenario.fields[mr_config_id_at] = base::buffer_of(base::sha384(base::bytes_of(guest)).bytes);
  }
  /// One attestation by the TD as it is now. @return its session's client
  wire::HttpResponse attest(const base::EcdhKey& key, DirectClient& client) {
    wire::AuthRequest request;
    request.tee = "tdx";
    const auto challenge = client.post("/kbs/v0/auth", request.text());
    const wire::RuntimeData runtime{wire::Challenge::parse(challenge.body).nonce, key.point()};
    base::Buffer report_data = base::buffer_of(wire::runtime_data_digest(runtime, "").bytes);
    report_data.resize(64);
    if (!scenario.fields.contains(report_data_at)) scenario.fields[report_data_at] = report_data;
    const base::Json evidence = base::Json::Object{{"quote", base::base64(Platform(scenario).quote_bytes())}};
    scenario.fields.erase(report_data_at);
    return client.post("/kbs/v0/attest",
                       wire::AttestRequest{wire::InitData{"toml", document}, runtime, evidence, ""}.text());
  }
  std::string refusal(unsigned status = 401) {
    DirectClient client(tenant().service);
    const auto answer = attest(base::EcdhKey(), client);
    EXPECT_EQ(answer.status, status) << answer.body;
    return tenant().reasons_behind(answer.body);
  }

  Scenario scenario;
  std::string document;
  std::optional<TenantService> started;
};

TEST_F(TdxServiceTest, ReleasesASecretToTheApprovedTd) {
  DirectClient client(tenant().service);
  const base::EcdhKey key;
  EXPECT_EQ(attest(key, client).status, 200U) << tenant().log;
  const auto secret = client.get("/kbs/v0/resource/bulkhead/bootstrap/worker-0");
  ASSERT_EQ(secret.status, 200U) << tenant().log;
  EXPECT_EQ(wire::decrypt_in_guest(key, secret.body).size(), 32U);
  EXPECT_EQ(client.get("/kbs/v0/resource/bulkhead/bootstrap/control-0").status, 401U);
  EXPECT_EQ(tenant().state_of("worker/0").verdict->pcrs.at("tdx").at("MRTD").text(), base::hex(filled(48, 0x17)));
}

TEST_F(TdxServiceTest, GivesTheLeaseToOneTdAtATime) {
  DirectClient client(tenant().service);
  const base::EcdhKey key;
  EXPECT_EQ(attest(key, client).status, 200U);
  EXPECT_THAT(refusal(429), HasSubstr("another life of this guest holds its lease (boot 1) for 900 more seconds"));
  EXPECT_EQ(attest(key, client).status, 200U) << "the same TD again";
  tenant().now += 900 * 1000;
  EXPECT_EQ(attest(base::EcdhKey(), client).status, 200U) << "a lapsed lease is free";
  EXPECT_EQ(tenant().state_of("worker/0").lease->boot, 2);
}

TEST_F(TdxServiceTest, SaysEverythingThatIsWrongAndWhoComesNearest) {
  scenario.fields[rtmr0_at + 48] = filled(48, 9);
  scenario.level_status = "OutOfDate";
  const std::string reasons = refusal();
  EXPECT_THAT(reasons, HasSubstr("RTMR1: wanted " + rtmr(1).hex() + ", got 0909"));
  EXPECT_THAT(reasons, HasSubstr("TCB status: wanted UpToDate, got OutOfDate"));
  EXPECT_THAT(reasons, HasSubstr("nearest known match: worker/0, but for RTMR1"));
}

struct Cell {
  const char* what;
  void (*bend)(Scenario& scenario);
  const char* reason;
};

class RefusedTdxEvidence : public TdxServiceTest, public testing::WithParamInterface<Cell> {};

TEST_P(RefusedTdxEvidence, IsDeniedForThatReason) {
  GetParam().bend(scenario);
  EXPECT_THAT(refusal(), HasSubstr(GetParam().reason)) << GetParam().what;
  EXPECT_FALSE(tenant().state_of("worker/0").verdict && tenant().state_of("worker/0").verdict->attested);
}
INSTANTIATE_TEST_SUITE_P(
    Cells, RefusedTdxEvidence,
    testing::Values(
        Cell{"a quote for another challenge", [](Scenario& s) { s.fields[report_data_at] = filled(64, 1); },
             "reportData"},
        Cell{"a revoked platform", [](Scenario& s) { s.revoked_by_ca = {intel_platform::pck_serial}; },
             "pckRevocation"},
        Cell{"another root", [](Scenario& s) { s.foreign_ca = true; }, "pckRevocation"},
        Cell{"an expired certificate", [](Scenario& s) { s.pck_until = intel_platform::now - 1; }, "pckChain"},
        Cell{"a certificate that is not yet valid", [](Scenario& s) { s.pck_from = intel_platform::now + 1; },
             "pckChain"},
        Cell{"collateral that is over", [](Scenario& s) { s.next_update = intel_platform::now - 1; },
             "tcbInfoFreshness"},
        Cell{"lists that are over", [](Scenario& s) { s.lists_until = intel_platform::now - 1; }, "pckRevocation"},
        Cell{"no revocation lists", [](Scenario& s) { s.lists = false; }, "pckRevocation"},
        Cell{"collateral that was forged",
             [](Scenario& s) { s.forge_tcb_info = [](std::string& text) { text[text.find("2026-01-01")] = '3'; }; },
             "tcbInfoSignature"},
        Cell{"another enclave than Intel's", [](Scenario& s) { s.qe_signer = 0x11; }, "qeMrSigner"},
        Cell{"an attestation key that no enclave vouched for", [](Scenario& s) { s.other_attestation_key = true; },
             "attestationKey"},
        Cell{"a platform below every level", [](Scenario& s) { s.extension.pce_svn = 1; }, "tcbStatus"},
        Cell{"a debug TD", [](Scenario& s) { s.fields[attributes_at] = {1, 0, 0, 0x10, 0, 0, 0, 0}; },
             "DEBUG: wanted off"},
        Cell{"another firmware", [](Scenario& s) { s.fields[mrtd_at] = filled(48, 1); }, "MRTD: wanted 1717"},
        Cell{"initdata of nobody", [](Scenario& s) { s.fields[mr_config_id_at] = filled(48, 1); },
             "no approved guest has MRCONFIGID 0101"}));

TEST_F(TdxServiceTest, VerifiesWithNewCollateralFromThenOn) {
  DirectClient client(tenant().service);
  EXPECT_EQ(attest(base::EcdhKey(), client).status, 200U);
  Scenario later = scenario;
  later.revoked_by_ca = {intel_platform::pck_serial};
  later.lists_until = intel_platform::now + 30 * intel_platform::day;
  const Platform platform(later);
  tenant().read_collateral = [&] { return VendorCollateral{platform.collateral(), platform.request().roots}; };
  EXPECT_EQ(tenant().service.state().collateral.front().until, intel_platform::now + 10 * intel_platform::day);
  EXPECT_EQ(tenant().put("/v1/collateral", "").status, 200U);
  EXPECT_EQ(tenant().service.state().collateral.front().until, intel_platform::now + 20 * intel_platform::day);
  EXPECT_THAT(tenant().log, HasSubstr("\"event\":\"collateral loaded\",\"items\":[\"qeIdentity"));
  EXPECT_THAT(refusal(), HasSubstr("pckRevocation"));
}

TEST_F(TdxServiceTest, GoesNotBackBehindATcbRecovery) {
  DirectClient client(tenant().service);
  EXPECT_EQ(attest(base::EcdhKey(), client).status, 200U);
  Scenario earlier = scenario;
  earlier.evaluation_number = 17;
  const Platform platform(earlier);
  tenant().read_collateral = [&] { return VendorCollateral{platform.collateral(), platform.request().roots}; };
  EXPECT_EQ(tenant().put("/v1/collateral", "").status, 200U);
  const std::string reasons = refusal();
  EXPECT_THAT(reasons, HasSubstr("rollback: qeIdentity: wanted a tcbEvaluationDataNumber of at least 18, got 17"));
  EXPECT_THAT(reasons, HasSubstr("rollback: tcbInfo 424242424242: wanted"));
  EXPECT_EQ(tenant().state_of("worker/0").lease->standing, "current") << "the guest can do nothing about it";
}

/// A platform is judged once; what begins and ends counts all the same.
TEST_F(TdxServiceTest, EnforcesTheExpiryOfWhatAPlatformItKnowsWasJudgedBy) {
  DirectClient client(tenant().service);
  const base::EcdhKey key;
  EXPECT_EQ(attest(key, client).status, 200U);
  tenant().now = (intel_platform::now + 10 * intel_platform::day) * 1000;
  EXPECT_EQ(attest(key, client).status, 200U) << tenant().log;
  tenant().now += 1000;
  EXPECT_THAT(refusal(), HasSubstr("pckRevocation"));
}

TEST_F(TdxServiceTest, KeepsItsCollateralWhenTheNewCannotBeRead) {
  tenant().read_collateral = []() -> VendorCollateral {
    throw base::Error(base::Kind::malformed, "collateral/tdx/info.json: not JSON");
  };
  const auto before = tenant().service.state().collateral;
  const Response answer = tenant().put("/v1/collateral", "");
  EXPECT_EQ(answer.status, 400U);
  EXPECT_THAT(answer.body, HasSubstr("collateral/tdx/info.json: not JSON"));
  EXPECT_EQ(tenant().service.state().collateral, before);
  EXPECT_THAT(tenant().log, HasSubstr("\"event\":\"failure\""));
  DirectClient client(tenant().service);
  EXPECT_EQ(attest(base::EcdhKey(), client).status, 200U);
}

TEST_F(TdxServiceTest, TellsTheAdministratorUntilWhenItsCollateralHolds) {
  const ServiceState told = ServiceState::parse(tenant().asked("GET", "/v1/state", "").body);
  EXPECT_EQ(told.collateral, tenant().service.state().collateral);
  EXPECT_EQ(told.collateral.size(), 6U);
  EXPECT_THAT(tenant().asked("GET", "/metrics", "").body,
              HasSubstr("bulkhead_attestd_collateral_expires_seconds " +
                        std::to_string(intel_platform::now + 10 * intel_platform::day) + "\n"));
}

TEST_F(TdxServiceTest, DoesNotTakeOnePoolsTdForAnothers) {
  document = "control/0";
  EXPECT_THAT(refusal(), HasSubstr("initdata: wanted SHA-384 "));
  name("control/0");
  DirectClient client(tenant().service);
  EXPECT_EQ(attest(base::EcdhKey(), client).status, 200U);
  EXPECT_EQ(client.get("/kbs/v0/resource/bulkhead/bootstrap/worker-0").status, 401U);
}

TEST_F(TdxServiceTest, DoesNotLetAForeignTdWithCopiedInitdataSpoilTheVerdict) {
  DirectClient client(tenant().service);
  EXPECT_EQ(attest(base::EcdhKey(), client).status, 200U);
  scenario.fields[mrtd_at] = filled(48, 1);
  EXPECT_THAT(refusal(), HasSubstr("MRTD: wanted"));
  EXPECT_TRUE(tenant().state_of("worker/0").verdict->attested);
  EXPECT_EQ(tenant().state_of("worker/0").lease->standing, "current");
}

TEST_F(TdxServiceTest, RevokesAPlatformAtOnce) {
  DirectClient client(tenant().service);
  EXPECT_EQ(attest(base::EcdhKey(), client).status, 200U);
  EXPECT_EQ(
      tenant().asked("PUT", "/v1/revocations", TenantService::revocation("chip", base::hex(filled(16, 0x11)))).status,
      200U);
  EXPECT_EQ(client.get("/kbs/v0/resource/bulkhead/bootstrap/worker-0").status, 401U);
  EXPECT_THAT(refusal(), HasSubstr("revoked: chip 1111"));
}

}  // namespace
