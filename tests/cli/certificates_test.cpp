#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/certificate.h"
#include "base/error.h"
#include "base/json.h"
#include "cli/host_identity.h"
#include "tests/attestation/tdx_vectors.h"
#include "tests/cli/run_command.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using base::Json;
using testing::HasSubstr;
using testing::Property;
using testing::Throws;

const std::string data = BULKHEAD_TEST_DATA;
const std::string genoa = data + "/measurement/snp-reports/genoa-v3.hex";

/// An empty folder for a store and what is imported into it.
class CertificateStoreVerb : public testing::Test {
 protected:
  [[nodiscard]] std::string store() const { return folder_.file("store"); }
  [[nodiscard]] Ran import(const std::string& what) const {
    return run_command({"certificates", "import", what, "--store", store(), "--json"});
  }
  /// How many of the imported files were new.
  static std::size_t added(const Ran& ran) {
    std::size_t count = 0;
    const Json output = Json::parse(ran.out, "output");
    for (const Json& file : output.at("files").array()) count += file.at("new").boolean() ? 1 : 0;
    return count;
  }

  tests::TemporaryFolder folder_;
};

TEST_F(CertificateStoreVerb, VerifiesAReportWithNothingElse) {
  const Ran imported = import(data + "/attestation/snp");
  ASSERT_EQ(imported.code, 0) << imported.err;
  EXPECT_EQ(added(imported), 4U);
  const Ran verified = run_command({"verify", "snp", genoa, "--store", store(), "--time", "2026-01-01T00:00:00Z"});
  EXPECT_EQ(verified.code, 0) << verified.out << verified.err;
}

TEST_F(CertificateStoreVerb, KeepsWhatItHas) {
  ASSERT_EQ(import(data + "/attestation/snp").code, 0);
  const Ran again = import(data + "/attestation/snp");
  EXPECT_EQ(again.code, 0);
  EXPECT_EQ(added(again), 0U);
  EXPECT_EQ(added(import(store())), 0U);  // a store is made of files that can be imported
}

TEST_F(CertificateStoreVerb, SaysUntilWhenItsFilesHold) {
  ASSERT_EQ(import(data + "/attestation/snp").code, 0);
  const auto list = [&](const std::string& time) {
    return run_command({"certificates", "list", "--store", store(), "--time", time, "--json"});
  };
  EXPECT_EQ(list("2025-07-01T00:00:00Z").code, 0);
  const Ran later = list("2025-12-11T00:00:00Z");  // a day after the VLEK's end
  EXPECT_EQ(later.code, 1);
  const Json output = Json::parse(later.out, "output");
  for (const Json& file : output.at("files").array())
    EXPECT_EQ(file.at("standing").text(), file.at("kind").text() == "vlek" ? "over" : "current");
}

TEST_F(CertificateStoreVerb, RefusesWhatNoVendorSignedAndWritesNothing) {
  std::filesystem::copy_file(data + "/attestation/snp/genoa-v3-vcek.pem", folder_.file("a.pem"));
  const auto key = base::PrivateKey::generate(base::PrivateKey::Type::p256);
  std::ofstream(folder_.file("b.pem")) << base::make_ca_certificate(
      base::KeySigner(key), {.common_name = "SEV-VCEK", .not_before = 1'700'000'000, .not_after = 1'900'000'000});
  const Ran ran = import(folder_.path());
  EXPECT_EQ(ran.code, 5);
  EXPECT_THAT(ran.err, HasSubstr("b.pem: neither AMD's nor Intel's: CN=SEV-VCEK"));
  EXPECT_FALSE(std::filesystem::exists(store()));
}

TEST_F(CertificateStoreVerb, RefusesFilesThatAreNoCertificates) {
  EXPECT_EQ(import(genoa).code, 3);
  EXPECT_EQ(run_command({"certificates", "list", "--store", store()}).code, 1);  // not there
}

TEST(HostIdentity, OfAReportNamesWhatToObtain) {
  const Ran ran = run_command({"host", "identity", "--report", genoa, "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json json = Json::parse(ran.out, "output");
  EXPECT_EQ(json.at("product").text(), "Genoa");
  ASSERT_EQ(json.at("chips").array().size(), 1U);
  const std::string chip = json.at("chips").array()[0].at("chipId").text();
  EXPECT_EQ(chip.substr(0, 16), "371c55d6d15cb50f");
  EXPECT_EQ(json.at("chips").array()[0].at("vcek").text(),
            "https://kdsintf.amd.com/vcek/v1/Genoa/" + chip + "?blSPL=10&teeSPL=00&snpSPL=23&ucodeSPL=25");
}

TEST(HostIdentity, OfVersion2KnowsNoProductAndSoNoAddresses) {
  const Ran ran = run_command({"host", "identity", "--report", data + "/measurement/snp-reports/milan-v2.hex"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("product       unknown"));
  EXPECT_THAT(ran.out, testing::Not(HasSubstr("https")));
}

TEST(HostIdentity, OfATdxQuoteNamesThePlatformAndIntelsCollateral) {
  const auto quotes = attestation::tdx_vectors::folder() / "quotes";
  if (!std::filesystem::exists(quotes)) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  const std::string quote = (quotes / "trustee_tdx_quote_5.dat").string();
  const Ran ran = run_command({"host", "identity", "--quote", quote, "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json json = Json::parse(ran.out, "output");
  EXPECT_EQ(json.at("tee").text(), "tdx");
  EXPECT_EQ(json.at("platform").at("fmspc").text(), "90c06f000000");
  ASSERT_EQ(json.at("collateral").array().size(), 4U);
  EXPECT_THAT(json.at("collateral").array()[0].at("url").text(), testing::EndsWith("fmspc=90c06f000000"));
  EXPECT_THAT(run_command({"host", "identity", "--quote", quote}).out, HasSubstr("FMSPC        90c06f000000"));
}

TEST(HostIdentity, OfWhatIsNoQuoteNamesThePlace) {
  const Ran ran = run_command({"host", "identity", "--quote", genoa});
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.err, HasSubstr(genoa));
  EXPECT_EQ(run_command({"host", "identity", "--quote", genoa, "--report", genoa}).code, 64);
  const Ran other = run_command({"host", "identity", "--quote", data + "/attestation/snp/gosev-vcek.pem"});
  EXPECT_EQ(other.code, 3);
  EXPECT_THAT(other.err, HasSubstr("no SGX extension"));
}

TEST(HostIdentity, OfAHostWithoutSevSaysSo) {
  std::ostringstream out, err;
  Console console{out, err};
  EXPECT_THAT([&] { host_identity({.report = {}, .device = "/nonexistent/sev"}, console); },
              Throws<base::Error>(testing::AllOf(Property(&base::Error::kind, base::Kind::host),
                                                 Property(&base::Error::what, HasSubstr("this host has no SEV")))));
}

TEST(CertificatesReload, SaysWhenNoServiceAnswers) {
  const Ran ran = run_command({"certificates", "reload", "acme", "globex", "--run", "/nonexistent"});
  EXPECT_EQ(ran.code, 4);
  EXPECT_THAT(ran.err, HasSubstr("acme: attestation service at /nonexistent/acme/admin.sock: "));
  EXPECT_THAT(ran.err, HasSubstr("globex: ")) << "one does not keep the others from it";
  EXPECT_EQ(run_command({"certificates", "reload"}).code, 64);
}

}  // namespace
}  // namespace cli
