#include "attestation/wire/jwe.h"
#include "service_fixture.h"
#include "tests/attestation/amd_like_pki.h"

// A service whose owners approved SNP guests, from request to secret, with processors of the tests' own.

namespace {

using namespace fake;
using attestation::amd_like::Vendor;
using testing::HasSubstr;

const Vendor& milan() {
  static const Vendor vendor(SnpProduct::milan);
  return vendor;
}

/// What the owners approved of a guest; its initdata is the guest's name.
ApprovedGuest approved_snp_guest(const std::string& guest) {
  measurement::SnpReferenceValues values;
  for (std::size_t i = 0; i < 48; ++i) values.launch_digest.bytes[i] = static_cast<std::uint8_t>(0x40 + i);
  values.host_data = base::sha256(base::bytes_of(guest));
  values.policy = 0x30000;
  return {guest, base::sha256(base::bytes_of(guest)), values};
}

class SnpServiceTest : public testing::Test {
 protected:
  TenantService& tenant() {
    if (started) return *started;
    VendorCollateral vendors;
    vendors.snp_anchors = &milan().anchors;
    if (lists_until) {
      vendors.snp.revocation_lists = {
          vendor_pki::revoke({amd_like::now - 60, *lists_until, revoked}, milan().ark, milan().ark)};
    }
    started.emplace("acme", "https://10.20.255.1:8443", vendors);
    started->now = amd_like::now * 1000;
    ApprovedGuest worker = approved_snp_guest("worker/0");
    worker.hardware = hardware;
    const Approval approval{"acme", "snp", {}, std::nullopt, {worker, approved_snp_guest("control/0")}};
    EXPECT_EQ(started->put("/v1/approval", started->envelope(approval)).status, 200U);
    return *started;
  }
  wire::HttpResponse attest(const base::EcdhKey& key, DirectClient& client) {
    wire::AuthRequest request;
    request.tee = "snp";
    const auto challenge = client.post("/kbs/v0/auth", request.text());
    const wire::RuntimeData runtime{wire::Challenge::parse(challenge.body).nonce, key.point()};
    base::Buffer report = amd_like::unsigned_report(SnpProduct::milan, VekCertificate::Kind::vcek, 3);
    std::ranges::fill_n(report.begin() + 0x50, 64, std::uint8_t{0});
    std::ranges::copy(wire::runtime_data_digest(runtime, "").bytes, report.begin() + 0x50);
    std::ranges::copy(base::sha256(base::bytes_of(guest)).bytes, report.begin() + 0xc0);
    bend(report);
    const vendor_pki::Identity signer = make_vek(milan(), vek);
    amd_like::sign(report, signer);
    base::Json::Array vcek;
    for (const std::uint8_t byte : signer.der()) vcek.emplace_back(static_cast<int>(byte));
    const base::Json evidence = base::Json::Object{
        {"report", base::base64(report)},
        {"cert_chain", base::Json::Array{base::Json::Object{{"cert_type", "VCEK"}, {"data", std::move(vcek)}}}}};
    return client.post("/kbs/v0/attest",
                       wire::AttestRequest{wire::InitData{"toml", document}, runtime, evidence, ""}.text());
  }
  std::string refusal(unsigned status = 401) {
    DirectClient client(tenant().service);
    const auto answer = attest(base::EcdhKey(), client);
    EXPECT_EQ(answer.status, status) << answer.body;
    return tenant().reasons_behind(answer.body);
  }

  HardwarePolicy hardware;
  std::string guest = "worker/0", document = "worker/0";
  amd_like::VekRequest vek = amd_like::vek_request(SnpProduct::milan);
  std::function<void(base::Buffer&)> bend = [](base::Buffer&) {};
  std::vector<std::int64_t> revoked;  ///< by the ARK's list, if there is one
  std::optional<std::int64_t> lists_until;
  std::optional<TenantService> started;
};

TEST_F(SnpServiceTest, ReleasesASecretToTheApprovedGuest) {
  DirectClient client(tenant().service);
  const base::EcdhKey key;
  const auto answer = attest(key, client);
  ASSERT_EQ(answer.status, 200U) << tenant().log;
  const std::string token = wire::TokenResponse::parse(answer.body).token;
  const std::size_t first = token.find('.') + 1;
  const base::Json claims =
      base::Json::parse(base::text_of(*base::from_base64url(token.substr(first, token.rfind('.') - first))), "token");
  const base::Json& cpu = claims.at("submods").at("cpu0");
  EXPECT_EQ(cpu.at("ear.trustworthiness-vector").at("hardware").integer(), 2);
  const base::Json& evidence = cpu.at("ear.veraison.annotated-evidence");
  EXPECT_EQ(evidence.at("init_data").text(), base::sha256(base::bytes_of(guest)).hex());
  EXPECT_EQ(evidence.at("snp").at("reported_tcb").at("snp").integer(), 24);
  const auto secret = client.get("/kbs/v0/resource/bulkhead/bootstrap/worker-0");
  ASSERT_EQ(secret.status, 200U);
  EXPECT_EQ(wire::decrypt_in_guest(key, secret.body).size(), 32U);
  EXPECT_EQ(client.get("/kbs/v0/resource/bulkhead/bootstrap/control-0").status, 401U);
}

TEST_F(SnpServiceTest, KnowsALifeByItsReportId) {
  DirectClient client(tenant().service);
  EXPECT_EQ(attest(base::EcdhKey(), client).status, 200U);
  EXPECT_EQ(attest(base::EcdhKey(), client).status, 200U) << "the same life with another key";
  bend = [](base::Buffer& report) { report[0x140] = 7; };
  EXPECT_THAT(refusal(429), HasSubstr("another life of this guest holds its lease (boot 1)"));
  EXPECT_TRUE(tenant().state_of("worker/0").verdict->attested);
  tenant().now += 900 * 1000;
  EXPECT_EQ(attest(base::EcdhKey(), client).status, 200U);
  EXPECT_EQ(tenant().state_of("worker/0").lease->boot, 2);
}

struct Cell {
  const char* what;
  void (*bend)(base::Buffer& report);
  const char* reason;
};

class RefusedSnpEvidence : public SnpServiceTest, public testing::WithParamInterface<Cell> {};

TEST_P(RefusedSnpEvidence, IsDeniedForThatReason) {
  bend = GetParam().bend;
  EXPECT_THAT(refusal(), HasSubstr(GetParam().reason)) << GetParam().what;
  EXPECT_FALSE(tenant().state_of("worker/0").verdict && tenant().state_of("worker/0").verdict->attested);
}
INSTANTIATE_TEST_SUITE_P(
    Cells, RefusedSnpEvidence,
    testing::Values(Cell{"a report for another challenge", [](base::Buffer& r) { r[0x50] ^= 1U; }, "reportData"},
                    Cell{"a debug guest", [](base::Buffer& r) { r[0x0a] = 0x0b; }, "DEBUG: wanted off, got 0xb0000"},
                    Cell{"VMPL 1", [](base::Buffer& r) { r[0x30] = 1; }, "VMPL: wanted 0, got 1"},
                    Cell{"another chip than the certificate's", [](base::Buffer& r) { r[0x1a0] ^= 1U; }, "chipId"},
                    Cell{"another TCB than the certificate's", [](base::Buffer& r) { r[0x180] ^= 1U; }, "tcb"},
                    Cell{"another image", [](base::Buffer& r) { r[0x90] ^= 1U; }, "measurement: wanted 4041"},
                    Cell{"somebody's ID block", [](base::Buffer& r) { r[0xe0] = 1; }, "ID key digest: wanted zeros"},
                    Cell{"a report that no key signed", [](base::Buffer& r) { r[0x48] = 2; }, "chipKey"},
                    Cell{"migration", [](base::Buffer& r) { r[0x0a] = 0x07; }, "MIGRATE_MA: wanted off"},
                    Cell{"initdata of nobody", [](base::Buffer& r) { r[0xc0] ^= 1U; },
                         "no approved guest has HOST_DATA"}));

TEST_F(SnpServiceTest, DemandsTheChipAndTheTcbThatTheOwnersDemand) {
  hardware.chips = {std::string(128, 'c')};
  hardware.minimum_tcb["milan"] = {std::nullopt, {}, {}, 25, {}};
  const std::string reasons = refusal();
  EXPECT_THAT(reasons, HasSubstr("chip: wanted one of 1 allowed ones, got a0a1"));
  EXPECT_THAT(reasons, HasSubstr("reported TCB: snp: wanted at least 25, got 24"));
}

TEST_F(SnpServiceTest, RefusesAnExpiredKeyAndAnotherProductsKey) {
  vek.not_after = amd_like::now - 1;
  EXPECT_THAT(refusal(), HasSubstr("validity"));
  vek.not_after = amd_like::now + 1;
  vek.product_text = "Genoa";
  EXPECT_THAT(refusal(), HasSubstr("product"));
}

TEST_F(SnpServiceTest, RefusesAKeyThatIsNotYetValid) {
  vek.not_before = amd_like::now + 1;
  EXPECT_THAT(refusal(), HasSubstr("validity"));
}

TEST_F(SnpServiceTest, RefusesAMaskedChipIdWhereTheOwnersDemandAChip) {
  hardware.chips = {base::hex(amd_like::chip_id(SnpProduct::milan))};
  DirectClient client(tenant().service);
  EXPECT_EQ(attest(base::EcdhKey(), client).status, 200U);
  bend = [](base::Buffer& report) { std::fill_n(report.begin() + 0x1a0, 64, std::uint8_t{0}); };
  EXPECT_THAT(refusal(), HasSubstr("chip: wanted one of 1 allowed ones, got 0000"));
}

TEST_F(SnpServiceTest, RefusesAKeyWhoseIssuerAmdRevokedAndAStaleList) {
  revoked = {amd_like::ask_serial};
  lists_until = amd_like::now + 60;
  EXPECT_THAT(refusal(), HasSubstr("revocation"));
  started.reset();
  revoked = {};
  lists_until = amd_like::now - 1;
  EXPECT_THAT(refusal(), HasSubstr("crlStale"));
}

TEST_F(SnpServiceTest, DoesNotTakeOnePoolsGuestForAnothers) {
  document = "control/0";
  EXPECT_THAT(refusal(), HasSubstr("initdata: wanted SHA-256 "));
  guest = "control/0";
  DirectClient client(tenant().service);
  EXPECT_EQ(attest(base::EcdhKey(), client).status, 200U);
  EXPECT_EQ(client.get("/kbs/v0/resource/bulkhead/bootstrap/worker-0").status, 401U);
}

TEST_F(SnpServiceTest, DoesNotLetAForeignGuestWithCopiedHostDataSpoilTheVerdict) {
  DirectClient client(tenant().service);
  EXPECT_EQ(attest(base::EcdhKey(), client).status, 200U);
  bend = [](base::Buffer& report) { report[0x90] ^= 1U; };
  EXPECT_THAT(refusal(), HasSubstr("measurement: wanted"));
  EXPECT_TRUE(tenant().state_of("worker/0").verdict->attested);
  EXPECT_EQ(tenant().state_of("worker/0").lease->standing, "current");
}

}  // namespace
