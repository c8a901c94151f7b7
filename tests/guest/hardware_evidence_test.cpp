#include <gmock/gmock.h>

#include <fstream>

#include "base/initdata.h"
#include "guest/lease.h"
#include "guest/secrets.h"
#include "guest/snp_evidence_source.h"
#include "guest/tdx_evidence_source.h"
#include "tests/attestation/amd_like_pki.h"
#include "tests/attestation/intel_platform.h"
#include "tests/attestation/service_fixture.h"
#include "tests/fakes/fake_tsm.h"
#include "tests/temporary_folder.h"

// From the kernel's interface in the guest to the secret: the guest's evidence of SNP and TDX at its tenant's service,
// with reports of a processor that the tests make.

namespace {

using attestation::ApprovedGuest;
using attestation::SnpProduct;
using attestation::VekCertificate;
using fake::TenantService;
using fakes::TsmMachine;
using testing::HasSubstr;

const std::string document = "initdata of worker/0";

std::string refusal_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::Kind::not_attested) << error.what();
    return error.what();
  }
  return "accepted";
}

void set(base::Buffer& bytes, std::size_t offset, base::Bytes value) {
  std::ranges::copy(value, bytes.begin() + static_cast<std::ptrdiff_t>(offset));
}

/// A new connection to this service each time.
guest::Connect connection_to(TenantService& tenant) {
  return [&tenant] { return std::make_unique<fake::DirectClient>(tenant.service); };
}

/// The bootstrap secret, fetched as the guest program does it; time passes while it waits.
base::Secret fetched(TenantService& tenant, guest::EvidenceSource& source) {
  base::Initdata initdata;
  initdata.guest = {{"acme"}, base::Pool::worker, 0};
  const guest::Patience patience{std::chrono::seconds(1), std::chrono::seconds(30), std::chrono::minutes(20),
                                 [&](std::chrono::milliseconds pause) { tenant.now += pause.count(); }};
  return guest::fetch_secrets(initdata, {connection_to(tenant), source, patience}).bootstrap;
}

/// Attests as often as there are rounds, some minutes apart; then the service does not answer any more, and the guest
/// is let go. @return why
std::string kept_lease(TenantService& tenant, guest::EvidenceSource& source, int rounds) {
  guest::Renewal renewal;
  renewal.wait = [&](std::chrono::milliseconds pause) {
    if (rounds-- == 0) throw base::Error(base::Kind::not_attested, "enough");
    tenant.now += pause.count();
  };
  return refusal_of([&] { guest::keep_lease(connection_to(tenant), source, renewal); });
}

// --- SEV-SNP ---

class SnpGuest : public testing::Test {
 protected:
  SnpGuest() {
    attestation::VendorCollateral vendors;
    vendors.snp_anchors = &vendor().anchors;
    tenant.emplace("acme", "https://10.20.255.1:8443", vendors);
    tenant->now = attestation::amd_like::now * 1000;
    measurement::SnpReferenceValues values;
    for (std::size_t i = 0; i < 48; ++i) values.launch_digest.bytes[i] = static_cast<std::uint8_t>(0x40 + i);
    values.host_data = base::sha256(base::bytes_of(document));
    values.policy = 0x30000;
    const attestation::Approval approval{
        "acme", "snp", {}, std::nullopt, {{"worker/0", base::sha256(base::bytes_of(document)), values}}};
    EXPECT_EQ(tenant->put("/v1/approval", tenant->envelope(approval)).status, 200U);
    machine.auxblob = certificate_table();
    machine.make_report = [this](base::Bytes data) { return report(data); };
  }
  static const attestation::amd_like::Vendor& vendor() {
    static const attestation::amd_like::Vendor milan(SnpProduct::milan);
    return milan;
  }
  static const vendor_pki::Identity& vek() {
    static const auto made = make_vek(vendor(), attestation::amd_like::vek_request(SnpProduct::milan));
    return made;
  }
  /// What the processor's firmware answers in this life of the guest.
  base::Buffer report(base::Bytes data) {
    base::Buffer bytes = attestation::amd_like::unsigned_report(SnpProduct::milan, VekCertificate::Kind::vcek, 3);
    set(bytes, 0x50, data);
    set(bytes, 0xc0, base::sha256(base::bytes_of(host_data_of)).bytes);
    bytes[0x140] = life;
    attestation::amd_like::sign(bytes, vek());
    return bytes;
  }
  /// One VCEK behind an entry of its own and the one of zeros. Source: AMD 56421 (GHCB), SNP Extended Guest Request
  static base::Buffer certificate_table() {
    const base::Buffer der = base::buffer_of(vek().der());
    base::Buffer table = base::from_hex("63da758de6644564adc5f4b93be8accd").value();
    base::append(table, base::layout_bytes(base::le32(48)));
    base::append(table, base::layout_bytes(base::le32(static_cast<std::uint32_t>(der.size()))));
    table.resize(48);
    base::append(table, der);
    return table;
  }
  guest::SnpEvidenceSource source() { return guest::SnpEvidenceSource(fakes::reporter(machine, "sev_guest")); }

  TsmMachine machine;
  std::string host_data_of = document;
  std::uint8_t life = 1;
  std::optional<TenantService> tenant;
};

TEST_F(SnpGuest, ReceivesItsSecretFromItsTenantsService) {
  auto evidence = source();
  evidence.bind(document);
  EXPECT_EQ(fetched(*tenant, evidence).size(), 32U) << tenant->log;
  EXPECT_TRUE(tenant->state_of("worker/0").verdict->attested);
  EXPECT_EQ(tenant->state_of("worker/0").verdict->pcrs.at("snp").at("hostData").text(),
            base::sha256(base::bytes_of(document)).hex());
}

TEST_F(SnpGuest, DoesWithoutTheHostsCertificatesWhereTheServiceHasThem) {
  machine.auxblob = base::Buffer();
  auto evidence = source();
  evidence.bind(document);
  EXPECT_THAT(refusal_of([&] { fetched(*tenant, evidence); }), HasSubstr("refused the evidence"));
  tenant->read_collateral = [] {
    attestation::VendorCollateral vendors;
    vendors.snp_anchors = &vendor().anchors;
    vendors.snp.certificates.push_back(vek().certificate);
    return vendors;
  };
  EXPECT_EQ(tenant->put("/v1/collateral", "").status, 200U);
  EXPECT_EQ(fetched(*tenant, evidence).size(), 32U) << tenant->log;
}

TEST_F(SnpGuest, IsOneLifeHoweverOftenItAttests) {
  auto evidence = source();
  evidence.bind(document);
  fetched(*tenant, evidence);
  EXPECT_EQ(kept_lease(*tenant, evidence, 4), "enough") << tenant->log;
  EXPECT_EQ(tenant->state_of("worker/0").lease->boot, 1);
  EXPECT_EQ(tenant->state_of("worker/0").lease->standing, "current");
}

TEST_F(SnpGuest, WaitsUntilTheLeaseOfItsLifeBeforeHasRunOut) {
  auto evidence = source();
  evidence.bind(document);
  fetched(*tenant, evidence);
  const std::int64_t started = tenant->now;
  life = 2;
  EXPECT_EQ(fetched(*tenant, evidence).size(), 32U) << tenant->log;
  EXPECT_THAT(tenant->log, HasSubstr("another life of this guest holds its lease (boot 1) for 900 more seconds"));
  EXPECT_GE(tenant->now, started + 900'000);
  EXPECT_EQ(tenant->state_of("worker/0").lease->boot, 2);
}

TEST_F(SnpGuest, ParsesNoInitdataThatItWasNotLaunchedWith) {
  host_data_of = "initdata of somebody else";
  auto evidence = source();
  EXPECT_EQ(refusal_of([&] { evidence.bind(document); }),
            "initdata differs from the one this guest was launched with: got digest " +
                base::sha256(base::bytes_of(document)).hex() + ", wanted " +
                base::sha256(base::bytes_of(host_data_of)).hex() + " (HOST_DATA)");
}

TEST_F(SnpGuest, TakesNoOtherTeesReports) {
  machine.provider = "tdx_guest";
  auto evidence = source();
  EXPECT_THAT(refusal_of([&] { evidence.bind(document); }), HasSubstr("the kernel's reports are of 'tdx_guest'"));
}

TEST_F(SnpGuest, StopsAtATableThatIsNone) {
  machine.auxblob = base::Buffer{1, 2, 3};
  auto evidence = source();
  evidence.bind(document);
  EXPECT_THROW(fetched(*tenant, evidence), base::Error);
}

// --- TDX ---

using attestation::intel_platform::Platform;
using attestation::intel_platform::Scenario;

constexpr std::size_t attributes_at = 0x78, mrtd_at = 0x88, mr_config_id_at = 0xb8, rtmr0_at = 0x148,
                      report_data_at = 0x208;

class TdxGuest : public testing::Test {
 protected:
  TdxGuest() {
    measurement::TdxReferenceValues values;
    values.mrtd.bytes.fill(0x17);
    values.mr_config_id = measurement::MrConfigId::from(digest_of(document).bytes);
    scenario.fields[attributes_at] = {0, 0, 0, 0x10, 0, 0, 0, 0};
    scenario.fields[mrtd_at] = base::Buffer(48, 0x17);
    for (unsigned index = 0; index < 3; ++index) {  // one event each
      const base::Sha384 event = digest_of("event of RTMR" + std::to_string(index));
      base::Buffer extended(48);
      base::append(extended, event.bytes);
      values.rtmrs[index] = {base::sha384(extended)};
      values.events.push_back({index + 1, "EV_EVENT_TAG", "event", measurement::Provenance::input_file, {}, event});
      scenario.fields[rtmr0_at + 48 * index] = base::buffer_of(values.rtmrs[index].front().bytes);
    }
    const Platform platform(scenario);
    tenant.emplace("acme", "https://10.20.255.1:8443",
                   attestation::VendorCollateral{platform.collateral(), platform.request().roots});
    tenant->now = attestation::intel_platform::now * 1000;
    const attestation::Approval approval{
        "acme", "tdx", {}, std::nullopt, {{"worker/0", base::sha256(base::bytes_of(document)), values}}};
    EXPECT_EQ(tenant->put("/v1/approval", tenant->envelope(approval)).status, 200U);
    machine.provider = "tdx_guest";
    machine.make_report = [this](base::Bytes data) {
      Scenario asked = scenario;
      asked.fields[report_data_at] = base::buffer_of(data);
      asked.fields[mr_config_id_at] = base::buffer_of(digest_of(quoted).bytes);
      return Platform(asked).quote_bytes();
    };
  }
  static base::Sha384 digest_of(const std::string& text) { return base::sha384(base::bytes_of(text)); }
  /// The TDX module's report. Source: Intel TDX Module ABI 1.5, TDREPORT_STRUCT and TDINFO_BASE
  [[nodiscard]] base::Buffer td_report() const {
    base::Buffer report(1024);
    report[0] = 0x81;
    set(report, 576, digest_of(launched_with).bytes);
    return report;
  }
  guest::TdxEvidenceSource source() {
    return guest::TdxEvidenceSource(
        fakes::reporter(machine, "tdx_guest"), [this](base::Bytes) { return td_report(); }, folder.path() + "/CCEL");
  }
  base::Json evidence_kept() {
    return base::Json::parse(tenant->asked("GET", "/v1/guests/worker-0/evidence", "").body, "evidence");
  }

  Scenario scenario;
  TsmMachine machine;
  std::string launched_with = document, quoted = document;
  tests::TemporaryFolder folder;
  std::optional<TenantService> tenant;
};

TEST_F(TdxGuest, ReceivesItsSecretFromItsTenantsService) {
  std::ofstream(folder.path() + "/CCEL") << "the firmware's log";
  auto evidence = source();
  evidence.bind(document);
  std::filesystem::remove(folder.path() + "/CCEL");  // it moves to the root disk with the rest of /sys
  EXPECT_EQ(fetched(*tenant, evidence).size(), 32U) << tenant->log;
  EXPECT_TRUE(tenant->state_of("worker/0").verdict->attested);
  EXPECT_THAT(evidence_kept().compact(), HasSubstr(base::base64(base::bytes_of("the firmware's log"))));
}

TEST_F(TdxGuest, DoesWithoutALog) {
  auto evidence = source();
  evidence.bind(document);
  EXPECT_EQ(fetched(*tenant, evidence).size(), 32U) << tenant->log;
  EXPECT_THAT(evidence_kept().compact(), HasSubstr("\"cc_eventlog\":null"));
}

TEST_F(TdxGuest, IsOneLifeHoweverOftenItAttests) {
  auto evidence = source();
  evidence.bind(document);
  fetched(*tenant, evidence);
  EXPECT_EQ(kept_lease(*tenant, evidence, 4), "enough") << tenant->log;
  EXPECT_EQ(tenant->state_of("worker/0").lease->boot, 1);
  auto again = source();
  again.bind(document);
  EXPECT_EQ(fetched(*tenant, again).size(), 32U) << tenant->log;
  EXPECT_THAT(tenant->log, HasSubstr("another life of this guest holds its lease (boot 1)"));
  EXPECT_EQ(tenant->state_of("worker/0").lease->boot, 2);
}

TEST_F(TdxGuest, AsksAgainForAQuoteWhileTheHostsServiceIsBusy) {
  machine.failures = {std::errc::device_or_resource_busy, std::errc::timed_out};
  auto evidence = source();
  evidence.bind(document);
  EXPECT_EQ(fetched(*tenant, evidence).size(), 32U) << tenant->log;
}

TEST_F(TdxGuest, BelievesTheModulesReportAndNoQuoteAboutItsInitdata) {
  launched_with = "initdata of somebody else";
  auto evidence = source();
  EXPECT_THAT(refusal_of([&] { evidence.bind(document); }), HasSubstr("(MRCONFIGID)"));
  EXPECT_EQ(machine.made, 0U);
}

}  // namespace
