
#include "attestation/wire/jwe.h"
#include "base/posix_files.h"
#include "base/x509.h"
#include "service_fixture.h"
#include "tests/temporary_folder.h"

namespace {

using namespace fake;
using testing::HasSubstr;

TEST_F(ServiceTest, ReleasesTheSameSecretToTheApprovedGuestEachTime) {
  const std::string secret = outcome(worker);
  EXPECT_EQ(secret.size(), 64U) << secret;
  EXPECT_EQ(outcome(worker), secret);
  EXPECT_NE(outcome(control, "control-0"), secret);
  ASSERT_TRUE(state_of("worker/0").verdict);
  EXPECT_TRUE(state_of("worker/0").verdict->attested);
  EXPECT_EQ(state_of("worker/0").verdict->time_ms, start_ms);
  EXPECT_EQ(verify_audit_log(log), std::nullopt);
  EXPECT_EQ(log.find(secret), std::string::npos);
}

TEST_F(ServiceTest, RefusesAnotherGuestsSecret) {
  EXPECT_THAT(outcome(control, "worker-0"), HasSubstr("the bootstrap secret of worker/0 is not for control/0"));
}

TEST_F(ServiceTest, RefusesAKeyThatIsNotEnrolled) {
  fake::Guest stranger{"worker/0"};
  EXPECT_THAT(outcome(stranger), HasSubstr("attestation key not enrolled"));
  EXPECT_THAT(log, HasSubstr("attestation key not enrolled"));
}

TEST_F(ServiceTest, RefusesAStrangerThatClaimsAGuestsKeyAndName) {
  fake::Guest stranger{"worker/0"};
  stranger.claimed_key = worker.public_key();
  outcome(worker);
  EXPECT_THAT(outcome(stranger), HasSubstr("signature does not verify"));
  EXPECT_TRUE(state_of("worker/0").verdict->attested) << "a stranger must not spoil the guest's verdict";
}

TEST_F(ServiceTest, RefusesAGuestThatClaimsAnothersName) {
  control.claimed = "worker/0";
  EXPECT_THAT(outcome(control), HasSubstr("attestation key enrolled for another guest"));
}

TEST_F(ServiceTest, RefusesARevokedKey) {
  EXPECT_EQ(service.answer_admin({"DELETE", "/v1/guests/worker-0/key", "", "", "", "admin"}).status, 200U);
  EXPECT_THAT(outcome(worker), HasSubstr("attestation key not enrolled"));
}

TEST_F(ServiceTest, RefusesTheTokenOfAKeyThatWasReplaced) {
  DirectClient client(service);
  wire::fetch_resource(client, worker, "resource/bulkhead/bootstrap/worker-0");
  enrol("worker/0", fake::Guest{"worker/0"}.public_key());
  const auto answer = client.get("/kbs/v0/resource/bulkhead/bootstrap/worker-0");
  EXPECT_EQ(answer.status, 401U);
  EXPECT_THAT(reasons_behind(answer.body), HasSubstr("attestation key was revoked"));
}

TEST_F(ServiceTest, RefusesAnOldQuoteUnderANewNonceAndReleasesNothing) {
  DirectClient client(service);
  const auto challenged = [&] {
    return wire::Challenge::parse(client.post("/kbs/v0/auth", wire::AuthRequest{}.text()).body).nonce;
  };
  wire::RuntimeData runtime{challenged(), base::EcdhKey().point()};
  const wire::TpmEvidence old = worker.evidence(wire::tpm_report_data(wire::runtime_data_digest(runtime, "")));
  runtime.nonce = challenged();
  const auto answer =
      client.post("/kbs/v0/attest", wire::AttestRequest{worker.init_data(), runtime, old.json(), ""}.text());
  EXPECT_EQ(answer.status, 401U);
  EXPECT_THAT(reasons_behind(answer.body), HasSubstr("sha256 quote: qualifying data: wanted "));
  EXPECT_THAT(reasons_behind(answer.body), HasSubstr("sha384 quote: qualifying data: wanted "));
  EXPECT_EQ(client.get("/kbs/v0/resource/bulkhead/bootstrap/worker-0").status, 401U);
}

TEST_F(ServiceTest, NamesTheFirstEventThatDiffers) {
  worker.events[2].data = "another kernel";
  const std::string reason = outcome(worker);
  EXPECT_THAT(reason, HasSubstr("sha256 PCR 4: wanted "));
  EXPECT_THAT(reason, HasSubstr("sha384 PCR 4: wanted "));
  EXPECT_THAT(reason, HasSubstr("kernel"));
  EXPECT_FALSE(state_of("worker/0").verdict->attested);
}

TEST_F(ServiceTest, RefusesInitdataThatIsNotTheApprovedOne) {
  worker.document = worker.extended = "other initdata";
  EXPECT_THAT(outcome(worker), HasSubstr("initdata: wanted SHA-256 "));
}

TEST_F(ServiceTest, RefusesInitdataThatTheGuestDidNotExtend) {
  worker.extended = "other initdata";
  EXPECT_THAT(outcome(worker), HasSubstr("sha256 PCR 8: wanted "));
}

TEST_F(ServiceTest, RefusesPcrValuesThatWereNotQuoted) {
  worker.swap_pcr = true;
  EXPECT_THAT(outcome(worker), HasSubstr("the PCR values sent are not the ones quoted"));
}

TEST_F(ServiceTest, RefusesALogThatDoesNotReplay) {
  worker.events[0].data = "firmware";
  const auto maker_log = [&](const wire::TpmEvidence& evidence) { return evidence.bulkhead->event_log; };
  fake::Guest other{"worker/0"};
  other.events.erase(other.events.begin());
  DirectClient client(service);
  const std::string nonce = wire::Challenge::parse(client.post("/kbs/v0/auth", wire::AuthRequest{}.text()).body).nonce;
  const base::EcdhKey key;
  const wire::RuntimeData runtime{nonce, key.point()};
  wire::TpmEvidence evidence = worker.evidence(wire::tpm_report_data(wire::runtime_data_digest(runtime, "")));
  evidence.bulkhead->event_log = maker_log(other.evidence(base::Buffer(32)));
  const auto answer =
      client.post("/kbs/v0/attest", wire::AttestRequest{worker.init_data(), runtime, evidence.json(), ""}.text());
  EXPECT_EQ(answer.status, 401U);
  EXPECT_THAT(reasons_behind(answer.body), HasSubstr("event log: replays to sha256 PCR 0 "));
}

TEST_F(ServiceTest, RefusesASecondAttestationInOneSessionAndAForeignNonce) {
  DirectClient client(service);
  const auto attest_with = [&](const std::string& nonce) {
    const wire::RuntimeData runtime{nonce, base::EcdhKey().point()};
    const wire::TpmEvidence evidence = worker.evidence(wire::tpm_report_data(wire::runtime_data_digest(runtime, "")));
    return client.post("/kbs/v0/attest", wire::AttestRequest{worker.init_data(), runtime, evidence.json(), ""}.text());
  };
  const auto challenged = [&] {
    return wire::Challenge::parse(client.post("/kbs/v0/auth", wire::AuthRequest{}.text()).body).nonce;
  };
  const std::string first = challenged();
  EXPECT_EQ(attest_with(first).status, 200U);
  EXPECT_THAT(reasons_behind(attest_with(first).body), HasSubstr("nonce unknown or used"));
  challenged();
  EXPECT_THAT(reasons_behind(attest_with(first).body), HasSubstr("nonce unknown or used"));
  const std::string late = challenged();
  now += 5 * 60 * 1000;
  EXPECT_THAT(reasons_behind(attest_with(late).body), HasSubstr("session unknown or expired"));
}

TEST_F(ServiceTest, RefusesResourcesWithoutOrAfterAToken) {
  DirectClient client(service);
  EXPECT_EQ(client.get("/kbs/v0/resource/bulkhead/bootstrap/worker-0").status, 401U);
  wire::fetch_resource(client, worker, "resource/bulkhead/bootstrap/worker-0");
  EXPECT_EQ(client.get("/kbs/v0/resource/bulkhead/bootstrap/worker-0").status, 200U);
  EXPECT_EQ(client.get("/kbs/v0/resource/other/x/y").status, 404U);
  EXPECT_EQ(client.get("/elsewhere").status, 404U);
  now += 300 * 1000;
  EXPECT_EQ(client.get("/kbs/v0/resource/bulkhead/bootstrap/worker-0").status, 401U);
}

TEST_F(ServiceTest, RefusesOtherVersionsAndTees) {
  DirectClient client(service);
  const auto why = [&](const char* request) { return reasons_behind(client.post("/kbs/v0/auth", request).body); };
  EXPECT_THAT(why(R"({"version":"0.3.0","tee":"tpm"})"), HasSubstr("wanted 0.4.0"));
  EXPECT_THAT(why(R"({"version":"0.4.0","tee":"sample"})"), HasSubstr("tee: wanted tpm, snp or tdx, got 'sample'"));
  EXPECT_EQ(client.post("/kbs/v0/auth", "{").status, 401U);
}

TEST_F(ServiceTest, AnswersAndRecordsBytesThatAreNotText) {
  DirectClient client(service);
  EXPECT_EQ(client.get("/kbs/v0/resource/\xff\n").status, 401U);
  EXPECT_THAT(log, HasSubstr("/kbs/v0/resource/\\\\xff\\\\x0a"));
  EXPECT_EQ(service.answer_admin({"DELETE", "/\xff", "", "", "", ""}).status, 404U);
}

TEST_F(ServiceTest, ReleasesNothingWhenTheAuditLogCannotBeWritten) {
  audit_broken = true;
  EXPECT_THAT(outcome(worker), HasSubstr("the service failed"));
  audit_broken = false;
  EXPECT_EQ(outcome(worker).size(), 64U);
}

TEST_F(ServiceTest, PublishesTheKeyThatItsTokensVerifyUnder) {
  DirectClient client(service);
  const base::Json discovery = base::Json::parse(client.get("/.well-known/openid-configuration").body, "discovery");
  EXPECT_EQ(discovery.at("issuer").text(), "https://10.20.255.1:8443");
  EXPECT_EQ(discovery.at("jwks_uri").text(), "https://10.20.255.1:8443/.well-known/jwks.json");
  const base::Json keys = base::Json::parse(client.get("/.well-known/jwks.json").body, "keys");
  const base::Json key = keys.at("keys").array().at(0);
  EXPECT_EQ(key.at("x").text(), base::base64url(token_key.public_key().p256_point().x));
}

// --- what Trustee's clients send ---

TEST_F(ServiceTest, ServesTrusteesTpmEvidenceByItsEnrolledKeyAndRegisters) {
  const std::string secret = outcome(worker);
  worker.plain = true;
  worker.clock = 200;
  EXPECT_EQ(outcome(worker), secret);
  DirectClient client(service);
  const std::string nonce = wire::Challenge::parse(client.post("/kbs/v0/auth", wire::AuthRequest{}.text()).body).nonce;
  const wire::RuntimeData runtime{nonce, base::EcdhKey().point()};
  const wire::TpmEvidence evidence = worker.evidence(wire::tpm_report_data(wire::runtime_data_digest(runtime, "")));
  const std::string without_document = wire::AttestRequest{std::nullopt, runtime, evidence.json(), ""}.text();
  EXPECT_EQ(client.post("/kbs/v0/attest", without_document).status, 200U) << "PCR 8 holds the approved initdata";
  EXPECT_THAT(outcome(control, "worker-0"), HasSubstr("the bootstrap secret of worker/0 is not for control/0"));
  worker.events[3].data = "another initrd";
  EXPECT_THAT(outcome(worker), HasSubstr("sha256 PCR 9: wanted "));
  fake::Guest stranger{"worker/0"};
  stranger.plain = true;
  EXPECT_THAT(outcome(stranger), HasSubstr("attestation key not enrolled"));
}

// --- certificates, time, metrics ---

TEST_F(ServiceTest, IssuesACertificateOfTheTenantToTheAttestedKeyAndToNobodyElse) {
  DirectClient client(service);
  const base::EcdhKey key;
  const std::string nonce = wire::Challenge::parse(client.post("/kbs/v0/auth", wire::AuthRequest{}.text()).body).nonce;
  const wire::RuntimeData runtime{nonce, key.point()};
  const wire::TpmEvidence evidence = worker.evidence(wire::tpm_report_data(wire::runtime_data_digest(runtime, "")));
  client.post("/kbs/v0/attest", wire::AttestRequest{worker.init_data(), runtime, evidence.json(), ""}.text());
  EXPECT_EQ(client.get("/kbs/v0/resource/bulkhead/certificate/control-0").status, 401U);
  const auto answer = client.get("/kbs/v0/resource/bulkhead/certificate/worker-0");
  ASSERT_EQ(answer.status, 200U);
  const base::Secret opened = wire::decrypt_in_guest(key, answer.body);
  const auto chain = base::parse_x509(opened.view(), "chain").certificates;
  ASSERT_EQ(chain.size(), 2U);
  EXPECT_EQ(chain[0].public_key().p256_point(), key.point());
  EXPECT_EQ(chain[0].common_name(), "acme worker/0");
  EXPECT_EQ(chain[0].not_after(), start_ms / 1000 + lease_seconds);
  EXPECT_THAT(log, HasSubstr("certificate issued"));
  const tests::TemporaryFolder folder;
  const std::string file = folder.file("guest");
  base::write_file_atomically(file + ".chain", opened.view(), 0600);
  base::write_file_atomically(file + ".ca", tenant_ca, 0600);
  const auto verify = [&](const std::string& at) {
    return base::run({"openssl", "verify", "-purpose", "sslserver", "-attime", at, "-CAfile", file + ".ca",
                      "-untrusted", file + ".chain", file + ".chain"})
        .exit_code;
  };
  EXPECT_EQ(verify(std::to_string(start_ms / 1000)), 0);
  EXPECT_NE(verify(std::to_string(start_ms / 1000 + lease_seconds + 1)), 0);
  EXPECT_THAT(base::run_or_throw({"openssl", "x509", "-noout", "-ext", "subjectAltName", "-in", file + ".chain"}),
              HasSubstr("URI:spiffe://acme/worker/0"));
}

TEST_F(ServiceTest, SignsTheTimeForANonceAndNothingElse) {
  DirectClient client(service);
  const auto answer = client.get("/bulkhead/v1/time/0123456789abcdef");
  ASSERT_EQ(answer.status, 200U);
  const std::string statement = base::Json::parse(answer.body, "time").at("time").text();
  const std::size_t dot = statement.rfind('.');
  EXPECT_TRUE(token_key.public_key().verifies_es256(base::bytes_of(statement.substr(0, dot)),
                                                    *base::from_base64url(statement.substr(dot + 1))));
  const std::size_t first = statement.find('.');
  const base::Json payload =
      base::Json::parse(base::text_of(*base::from_base64url(statement.substr(first + 1, dot - first - 1))), "payload");
  EXPECT_EQ(payload.at("nonce").text(), "0123456789abcdef");
  EXPECT_EQ(payload.at("time_ms").integer(), start_ms);
  EXPECT_EQ(
      service.answer_guest({"GET", "/kbs/v0/resource/bulkhead/bootstrap/worker-0", "", statement, "", "a"}).status,
      401U)
      << "no token";
  for (const char* bad : {"", "short", "0123456789abcde/", "0123456789abcdef\n"}) {
    EXPECT_EQ(client.get(std::string("/bulkhead/v1/time/") + bad).status, 404U) << bad;
  }
}

TEST_F(ServiceTest, CountsWhatItDidForPrometheus) {
  outcome(worker);
  DirectClient(service).get("/elsewhere");
  const Response page = asked("GET", "/metrics", "");
  EXPECT_EQ(page.content_type, "text/plain; version=0.0.4");
  for (const char* line :
       {"bulkhead_attestd_answers_total{status=\"200\"} 3\n", "bulkhead_attestd_answers_total{status=\"404\"} 1\n",
        "bulkhead_attestd_events_total{event=\"released\"} 1\n", "bulkhead_attestd_sessions 1\n",
        "bulkhead_attestd_leases 1\n", "# TYPE bulkhead_attestd_leases gauge\n"}) {
    EXPECT_THAT(page.body, HasSubstr(line));
  }
}

TEST_F(ServiceTest, LimitsAttestationsOfOneGuestWhereverTheyComeFrom) {
  unsigned refused = 0;
  for (unsigned i = 0; i < 44; ++i) {
    const std::string source = "10.0.0." + std::to_string(i);
    const Response challenge =
        service.answer_guest({"POST", "/kbs/v0/auth", "", "", wire::AuthRequest{}.text(), source});
    const wire::RuntimeData runtime{wire::Challenge::parse(challenge.body).nonce, base::EcdhKey().point()};
    const wire::TpmEvidence evidence = worker.evidence(wire::tpm_report_data(wire::runtime_data_digest(runtime, "")));
    const std::string body = wire::AttestRequest{worker.init_data(), runtime, evidence.json(), ""}.text();
    refused += service.answer_guest({"POST", "/kbs/v0/attest", challenge.session, "", body, source}).status == 429;
  }
  EXPECT_EQ(refused, 4U);
}

TEST_F(ServiceTest, LimitsRequestsOfOneSource) {
  DirectClient client(service);
  unsigned status = 200;
  for (unsigned i = 0; i < 61; ++i) status = client.get("/elsewhere").status;
  EXPECT_EQ(status, 429U);
  now += 1000;
  EXPECT_EQ(client.get("/elsewhere").status, 404U);
}

TEST_F(ServiceTest, LoadsOnlyApprovalsThatEveryOwnerOfThisTenantSigned) {
  const Approval foreign{"zeta", "emulated", {}, std::nullopt, {}};
  EXPECT_THAT(put("/v1/approval", envelope(foreign)).body, HasSubstr("wanted tenant 'acme', got 'zeta'"));
  const std::string unsigned_text = approval_envelope({"acme", "emulated", {}, std::nullopt, {}}).json().compact();
  EXPECT_THAT(put("/v1/approval", unsigned_text).body, HasSubstr(owner.public_key().fingerprint().hex()));
  const Approval expired{"acme", "emulated", {}, start_ms / 1000 - 1, {}};
  EXPECT_THAT(put("/v1/approval", envelope(expired)).body, HasSubstr("expired"));
  EXPECT_EQ(outcome(worker).size(), 64U) << "the earlier approval stays in force";
}

TEST_F(ServiceTest, RefusesEmulatedEvidenceForAnotherTee) {
  EXPECT_EQ(put("/v1/approval", envelope({"acme", "snp", {}, std::nullopt, {worker.approved()}})).status, 200U);
  EXPECT_THAT(outcome(worker), HasSubstr("the approval is for tee snp, the evidence is emulated"));
}

TEST_F(ServiceTest, RefusesMalformedAdministration) {
  const struct {
    const char *path, *body;
    unsigned status;
    const char* text;
  } cases[] = {
      {"/v1/guests/worker-1/key", "{}", 400, "akPublic: missing"},
      {"/v1/guests/worker-1/key", R"({"akPublic":"AAAA"})", 400, "akPublic"},
      {"/v1/guests/worker-x/key", "{}", 404, "no such path"},
      {"/v1/guests/key", "{}", 404, "no such path"},
      {"/v1/approval", "{}", 400, "payloadType"},
      {"/v1/other", "{}", 404, "no such path"},
  };
  for (const auto& c : cases) {
    const Response response = put(c.path, c.body);
    EXPECT_EQ(response.status, c.status) << c.path;
    EXPECT_THAT(response.body, HasSubstr(c.text));
  }
  const std::string taken = base::Json(base::Json::Object{{"akPublic", base::base64(worker.public_key())}}).compact();
  EXPECT_EQ(put("/v1/guests/worker-1/key", taken).status, 409U);
}

}  // namespace
