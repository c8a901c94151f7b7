#include "attestation/verify_snp.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "tests/attestation/amd_like_pki.h"

namespace attestation {
namespace {

using amd_like::day;
using amd_like::now;
using amd_like::Vendor;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using vendor_pki::Identity;
using Kind = VekCertificate::Kind;

const Vendor& vendor(SnpProduct product) {
  static const Vendor milan(SnpProduct::milan), genoa(SnpProduct::genoa), turin(SnpProduct::turin);
  return product == SnpProduct::milan ? milan : product == SnpProduct::genoa ? genoa : turin;
}

/// A report and everything a verifier is given with it; good unless a test spoils something.
struct Case {
  SnpProduct product = SnpProduct::milan;
  Kind kind = Kind::vcek;
  std::uint32_t version = 3;
  amd_like::VekRequest vek = {};
  std::function<void(base::Buffer&)> before_signing = [](base::Buffer&) {};
  std::function<void(base::Buffer&)> after_signing = [](base::Buffer&) {};
  VekContext context = {};
  SnpExpectation expected = {};
  std::vector<base::X509Certificate> certificates = {};

  explicit Case(SnpProduct of = SnpProduct::milan, Kind by = Kind::vcek, std::uint32_t report_version = 3)
      : product(of), kind(by), version(report_version), vek(amd_like::vek_request(of, by)) {
    context.anchors = &vendor(of).anchors;
    context.time = now;
  }
  [[nodiscard]] Identity signer() const { return make_vek(vendor(product), vek); }
  [[nodiscard]] base::Buffer report(const Identity& by) const {
    base::Buffer bytes = amd_like::unsigned_report(product, kind, version);
    before_signing(bytes);
    amd_like::sign(bytes, by);
    after_signing(bytes);
    return bytes;
  }
  [[nodiscard]] SnpVerdict verdict() const {
    const Identity by = signer();
    std::vector<base::X509Certificate> given = certificates;
    if (given.empty()) given.push_back(by.certificate);
    return verify_snp(report(by), given, context, expected);
  }
};

/// What is not ok: "tcb failed", "revocation notChecked".
std::vector<std::string> exceptions(const SnpVerdict& verdict) {
  std::vector<std::string> all;
  for (const Check& check : verdict.checks)
    if (check.outcome != Check::Outcome::ok) all.push_back(check.name + " " + outcome_name(check.outcome));
  return all;
}

std::string got(const SnpVerdict& verdict, const std::string& name) {
  for (const Check& check : verdict.checks)
    if (check.name == name) return check.got;
  return "no such check";
}

struct Flavour {
  SnpProduct product;
  Kind kind;
  std::uint32_t version;
};
void PrintTo(const Flavour& flavour, std::ostream* out) {
  *out << product_name(flavour.product) << (flavour.kind == Kind::vcek ? "Vcek" : "Vlek") << flavour.version;
}
class GoodReport : public testing::TestWithParam<Flavour> {};

TEST_P(GoodReport, IsGenuine) {
  const Case wanted(GetParam().product, GetParam().kind, GetParam().version);
  const SnpVerdict verdict = wanted.verdict();
  EXPECT_TRUE(verdict.genuine());
  EXPECT_EQ(verdict.product, GetParam().product);
  if (GetParam().kind == Kind::vcek)
    EXPECT_THAT(exceptions(verdict), ElementsAre("revocation notChecked"));
  else
    EXPECT_THAT(exceptions(verdict), ElementsAre("revocation notChecked", "chipId notChecked"));
}

INSTANTIATE_TEST_SUITE_P(
    Table, GoodReport,
    testing::Values(Flavour{SnpProduct::milan, Kind::vcek, 2}, Flavour{SnpProduct::milan, Kind::vcek, 3},
                    Flavour{SnpProduct::milan, Kind::vlek, 3}, Flavour{SnpProduct::genoa, Kind::vcek, 3},
                    Flavour{SnpProduct::genoa, Kind::vlek, 5}, Flavour{SnpProduct::turin, Kind::vcek, 3},
                    Flavour{SnpProduct::turin, Kind::vcek, 5}, Flavour{SnpProduct::turin, Kind::vlek, 5}),
    [](const auto& test) { return testing::PrintToString(test.param); });

struct Spoiled {
  std::string name;
  std::function<void(Case&)> spoil;
  std::vector<std::string> exceptions;  ///< beside "revocation notChecked"
  bool genuine = false;
};
void PrintTo(const Spoiled& spoiled, std::ostream* out) {
  *out << spoiled.name;
}
class SpoiledReport : public testing::TestWithParam<Spoiled> {};

TEST_P(SpoiledReport, FailsExactlyTheChecksItMust) {
  Case wanted;
  GetParam().spoil(wanted);
  const SnpVerdict verdict = wanted.verdict();
  EXPECT_EQ(verdict.genuine(), GetParam().genuine);
  std::vector<std::string> found = exceptions(verdict);
  std::erase(found, "revocation notChecked");
  EXPECT_EQ(found, GetParam().exceptions);
}

std::function<void(base::Buffer&)> set(std::size_t offset, std::uint64_t value, std::size_t size = 1) {
  return [=](base::Buffer& report) { amd_like::put(report, offset, value, size); };
}

INSTANTIATE_TEST_SUITE_P(
    Report, SpoiledReport,
    testing::Values(
        Spoiled{"measurement_changed", [](Case& c) { c.after_signing = set(0x90, 0xff); }, {"signature failed"}},
        Spoiled{"signature_zero",
                [](Case& c) { c.after_signing = [](base::Buffer& r) { std::fill(r.begin() + 0x2a0, r.end(), 0); }; },
                {"signature failed"}},
        Spoiled{"reserved_byte", [](Case& c) { c.before_signing = set(0x4c, 1); }, {"reservedBits failed"}},
        Spoiled{"policy_bit_17_clear", [](Case& c) { c.before_signing = set(0x08, 0, 8); }, {"reservedBits failed"}},
        Spoiled{"policy_reserved_bit",
                [](Case& c) { c.before_signing = set(0x08, 0x30000 | (1U << 26U), 8); },
                {"reservedBits failed"}},
        Spoiled{
            "key_info_reserved_bit", [](Case& c) { c.before_signing = set(0x48, 0x20, 4); }, {"reservedBits failed"}},
        Spoiled{
            "signature_algorithm", [](Case& c) { c.before_signing = set(0x34, 2, 4); }, {"signatureAlgorithm failed"}},
        Spoiled{"no_signing_key",
                [](Case& c) { c.before_signing = set(0x48, 7U << 2U, 4); },
                {"signingKey failed", "certificate failed"}},
        Spoiled{"chip_key_masked", [](Case& c) { c.before_signing = set(0x48, 2, 4); }, {"chipKey failed"}},
        Spoiled{"other_tcb", [](Case& c) { c.before_signing = set(0x187, 218); }, {"tcb failed"}},
        Spoiled{"tcb_reserved_byte", [](Case& c) { c.before_signing = set(0x183, 1); }, {"tcb failed"}},
        Spoiled{"other_chip", [](Case& c) { c.before_signing = set(0x1df, 0); }, {"chipId failed"}},
        Spoiled{"other_processor", [](Case& c) { c.before_signing = set(0x189, 0x11); }, {"product failed"}},
        Spoiled{"unknown_processor", [](Case& c) { c.before_signing = set(0x188, 0x20); }, {"product failed"}},
        Spoiled{"chip_id_masked",
                [](Case& c) { c.before_signing = [](base::Buffer& r) { std::fill_n(r.begin() + 0x1a0, 64, 0); }; },
                {"chipId notChecked", "chipIdDisclosed failed"},
                true},
        Spoiled{"turin_long_chip_id",
                [](Case& c) {
                  c = Case(SnpProduct::turin);
                  c.before_signing = set(0x1a8, 1);
                },
                {"chipId failed"}},
        Spoiled{"turin_other_fmc",
                [](Case& c) {
                  c = Case(SnpProduct::turin);
                  c.before_signing = set(0x180, 8);
                },
                {"tcb failed"}},
        Spoiled{"expected_product", [](Case& c) { c.expected.product = SnpProduct::genoa; }, {"product failed"}},
        Spoiled{"expected_report_data", [](Case& c) { c.expected.report_data.emplace(); }, {"reportData failed"}},
        Spoiled{"expected_version", [](Case& c) { c.expected.minimum_version = 4; }, {"version failed"}}),
    [](const auto& test) { return test.param.name; });

const amd_like::Keys& other_keys() {
  static const amd_like::Keys keys;
  return keys;
}

INSTANTIATE_TEST_SUITE_P(
    Certificate, SpoiledReport,
    testing::Values(Spoiled{"expired", [](Case& c) { c.vek.not_after = now - 1; }, {"validity failed"}},
                    Spoiled{"not_yet_valid", [](Case& c) { c.vek.not_before = now + 1; }, {"validity failed"}},
                    Spoiled{"later", [](Case& c) { c.context.time = now + day + 1; }, {"validity failed"}},
                    Spoiled{"forged_by_other_root",
                            [](Case& c) {
                              amd_like::Keys keys = other_keys();
                              keys.vek = amd_like::Keys::shared().vek;
                              const Vendor forger(SnpProduct::milan, keys);
                              c.certificates = {make_vek(forger, c.vek, keys).certificate, forger.ask.certificate,
                                                forger.ark.certificate};
                            },
                            {"chain failed"}},
                    Spoiled{"of_another_key_of_the_same_chip",
                            [](Case& c) {
                              amd_like::Keys keys = amd_like::Keys::shared();
                              keys.vek = other_keys().vek;
                              c.certificates = {make_vek(vendor(c.product), c.vek, keys).certificate};
                            },
                            {"signature failed"}},
                    Spoiled{"of_another_products_root",
                            [](Case& c) { c.context.anchors = &vendor(SnpProduct::genoa).anchors; },
                            {"chain failed"}},
                    Spoiled{"of_another_chip", [](Case& c) { c.vek.hardware_id[63] = 0; }, {"chipId failed"}},
                    Spoiled{"of_another_tcb", [](Case& c) { c.vek.tcb.snp = 23; }, {"tcb failed"}},
                    Spoiled{"of_another_product", [](Case& c) { c.vek.product_text = "Genoa"; }, {"product failed"}},
                    Spoiled{"of_an_unknown_product",
                            [](Case& c) { c.vek.product_text = "Rome"; },
                            {"certificate failed", "tcb notChecked", "chipId notChecked", "signature notChecked"}},
                    Spoiled{"without_chip_id",
                            [](Case& c) { c.vek.without = {"4"}; },
                            {"certificate failed", "tcb notChecked", "chipId notChecked", "signature notChecked"}},
                    Spoiled{"without_tcb",
                            [](Case& c) { c.vek.without = {"3.3"}; },
                            {"certificate failed", "tcb notChecked", "chipId notChecked", "signature notChecked"}},
                    Spoiled{"with_turins_fmc",
                            [](Case& c) { c.vek.tcb.fmc = 0; },
                            {"certificate failed", "tcb notChecked", "chipId notChecked", "signature notChecked"}},
                    Spoiled{"turins_without_fmc",
                            [](Case& c) {
                              c = Case(SnpProduct::turin);
                              c.vek.without = {"3.9"};
                            },
                            {"certificate failed", "tcb notChecked", "chipId notChecked", "signature notChecked"}},
                    Spoiled{"chip_id_as_octet_string",
                            [](Case& c) { c.vek.hardware_id.insert(c.vek.hardware_id.begin(), {4, 64}); },
                            {},
                            true},
                    Spoiled{
                        "vlek_for_a_report_of_a_vcek",
                        [](Case& c) {
                          c.certificates = {
                              make_vek(vendor(c.product), amd_like::vek_request(c.product, Kind::vlek)).certificate};
                        },
                        {"certificate failed", "chain notChecked", "validity notChecked", "tcb notChecked",
                         "chipId notChecked", "signature notChecked"}}),
    [](const auto& test) { return test.param.name; });

base::X509RevocationList list(const Vendor& of, std::vector<std::int64_t> revoked, std::int64_t until = now + 60) {
  return revoke({now - 60, until, std::move(revoked)}, of.ark, of.ark);
}

TEST(VerifySnp, WithAmdsCurrentListChecksRevocation) {
  Case good;
  good.context.revocation_lists = {list(vendor(good.product), {amd_like::asvk_serial})};
  good.context.demand = base::RevocationDemand::intermediates;
  EXPECT_THAT(exceptions(good.verdict()), IsEmpty());
}

TEST(VerifySnp, OfARevokedAskOrAsvkIsNotGenuine) {
  for (const Kind kind : {Kind::vcek, Kind::vlek}) {
    Case revoked(SnpProduct::genoa, kind);
    revoked.context.revocation_lists = {
        list(vendor(revoked.product), {kind == Kind::vcek ? amd_like::ask_serial : amd_like::asvk_serial})};
    const SnpVerdict verdict = revoked.verdict();
    EXPECT_FALSE(verdict.genuine());
    EXPECT_THAT(exceptions(verdict), Contains("revocation failed"));
    EXPECT_THAT(got(verdict, "revocation"), HasSubstr("revoked: CN=SEV-"));
  }
}

TEST(VerifySnp, WithAStaleListIsNotGenuine) {
  Case stale;
  stale.context.revocation_lists = {list(vendor(stale.product), {}, now - 1)};
  const SnpVerdict verdict = stale.verdict();
  EXPECT_FALSE(verdict.genuine());
  EXPECT_THAT(got(verdict, "revocation"), HasSubstr("crlStale"));
}

TEST(VerifySnp, WithoutTheListThatIsDemandedIsNotGenuine) {
  Case missing;
  missing.context.demand = base::RevocationDemand::intermediates;
  const SnpVerdict verdict = missing.verdict();
  EXPECT_FALSE(verdict.genuine());
  EXPECT_THAT(got(verdict, "revocation"), HasSubstr("crlMissing: CN=SEV-Milan"));
}

TEST(VerifySnp, WithoutACertificateIsNotGenuine) {
  const Case wanted;
  const SnpVerdict verdict = verify_snp(wanted.report(wanted.signer()), nullptr, {});
  EXPECT_FALSE(verdict.genuine());
  EXPECT_EQ(verdict.product, SnpProduct::milan);
  EXPECT_THAT(exceptions(verdict), Contains("certificate failed"));
}

TEST(VerifySnp, OfVersion2WithoutACertificateDoesNotGuessTheProcessor) {
  const Case wanted(SnpProduct::milan, Kind::vcek, 2);
  const SnpVerdict verdict = verify_snp(wanted.report(wanted.signer()), nullptr, {});
  EXPECT_EQ(verdict.product, std::nullopt);
  EXPECT_THAT(exceptions(verdict), Contains("product notChecked"));
}

TEST(VerifySnp, ChoosesTheCertificateOfTheReportsChipAndTcbAmongMany) {
  Case wanted;
  amd_like::VekRequest other_chip = wanted.vek, other_tcb = wanted.vek;
  other_chip.hardware_id[0] = 1;
  other_tcb.tcb.microcode = 1;
  const Vendor& milan = vendor(wanted.product);
  wanted.certificates = {milan.ask.certificate, make_vek(milan, other_chip).certificate,
                         make_vek(milan, other_tcb).certificate, wanted.signer().certificate,
                         make_vek(milan, amd_like::vek_request(wanted.product, Kind::vlek)).certificate};
  EXPECT_TRUE(wanted.verdict().genuine());
}

TEST(VerifySnp, WithAMaskedChipIdChoosesTheKeyThatSigned) {
  Case wanted;
  wanted.before_signing = [](base::Buffer& report) { std::fill_n(report.begin() + 0x1a0, 64, 0); };
  amd_like::VekRequest other_chip = wanted.vek;
  other_chip.hardware_id[0] = 1;
  amd_like::Keys keys = amd_like::Keys::shared();
  keys.vek = other_keys().vek;
  wanted.certificates = {make_vek(vendor(wanted.product), other_chip, keys).certificate, wanted.signer().certificate};
  EXPECT_TRUE(wanted.verdict().genuine());
}

TEST(VerifySnp, ChoosesTheRenewedCertificateOfTwoForOneKey) {
  Case wanted(SnpProduct::genoa, Kind::vlek);
  amd_like::VekRequest old = wanted.vek;
  old.not_after = now - 1;
  wanted.certificates = {make_vek(vendor(wanted.product), old).certificate, wanted.signer().certificate};
  EXPECT_TRUE(wanted.verdict().genuine());
}

TEST(VerifySnp, HasTheReportDataThatIsExpected) {
  Case wanted;
  wanted.expected.report_data.emplace();
  for (std::size_t i = 0; i < 64; ++i) (*wanted.expected.report_data)[i] = static_cast<std::uint8_t>(i);
  EXPECT_TRUE(wanted.verdict().genuine());
}

TEST(VerifySnp, HasAtLeastTheVersionThatIsExpected) {
  for (const std::uint32_t minimum : {2U, 3U}) {
    Case wanted;
    wanted.expected.minimum_version = minimum;
    EXPECT_TRUE(wanted.verdict().genuine()) << minimum;
  }
}

TEST(VerifySnp, WithOneBitFlippedAnywhereIsNotGenuine) {
  const Case wanted(SnpProduct::turin, Kind::vcek, 5);
  const Identity by = wanted.signer();
  const JudgedVek key = judge_vek(by.certificate, wanted.context);
  base::Buffer report = wanted.report(by);
  ASSERT_TRUE(verify_snp(report, &key, {}).genuine());
  for (std::size_t at = 0; at < report.size(); ++at) {
    const auto bit = static_cast<std::uint8_t>(1U << (at % 8));
    report[at] ^= bit;
    try {
      EXPECT_FALSE(verify_snp(report, &key, {}).genuine()) << "byte " << at;
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), base::Kind::malformed) << "byte " << at;  // another version
    }
    report[at] ^= bit;
  }
}

}  // namespace
}  // namespace attestation
