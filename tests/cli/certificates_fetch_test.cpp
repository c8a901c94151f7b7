#include "cli/certificates_fetch.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <map>

#include "base/error.h"
#include "base/posix_files.h"
#include "base/x509.h"
#include "tests/attestation/tdx_vectors.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using base::Kind;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string snp_files = std::string(BULKHEAD_TEST_DATA) + "/attestation/snp/";

std::string certificate(const std::string& name) {
  const auto parsed = base::parse_x509(base::bytes_of(base::read_file(snp_files + name)), name).certificates.at(0);
  return base::text_of(parsed.der());
}

/// Servers in memory: what they answer by "HOST:PORT/PATH", and whom they were asked by.
struct Servers {
  std::map<std::string, std::pair<unsigned, std::string>> answers;
  std::map<std::string, std::string> headers;  ///< of every answer
  std::vector<std::string> asked, opened;

  class Transport final : public kms::HttpTransport {
   public:
    Transport(Servers& servers, kms::TlsOptions options) : servers_(servers), options_(std::move(options)) {}
    kms::HttpAnswer exchange(const kms::HttpRequest& request) override {
      const std::string url = options_.host + ":" + std::to_string(options_.port) + request.path;
      servers_.asked.push_back(request.method + " " + url);
      const auto found = servers_.answers.find(url);
      if (found == servers_.answers.end()) return {404, base::Secret(0)};
      kms::HttpAnswer answer{found->second.first, base::Secret(base::buffer_of(base::bytes_of(found->second.second)))};
      for (const std::string& name : request.wanted_headers)
        if (servers_.headers.contains(name)) answer.headers[name] = servers_.headers[name];
      return answer;
    }

   private:
    Servers& servers_;
    kms::TlsOptions options_;
  };

  OpenServer open() {
    return [this](kms::TlsOptions options) {
      opened.push_back(options.host + " under " + options.ca);
      return std::make_unique<Transport>(*this, std::move(options));
    };
  }
};

class CertificatesFetch : public testing::Test {
 protected:
  CertificatesFetch() {
    base::write_file_atomically(folder_.file("ca.pem"), "the site's CAs", 0644);
    identity("host.json", R"("chips":[{"chipId":"aa","vcek":"https://kds.example/vcek/Milan/aa?blSPL=2"}])");
    servers_.answers["kds.example:443/vcek/Milan/aa?blSPL=2"] = {200, certificate("gosev-vcek.pem")};
  }
  void identity(const std::string& name, const std::string& members) const {
    base::write_file_atomically(folder_.file(name), R"({"schema":"bulkhead.host-identity/v1",)" + members + "}", 0644);
  }
  int fetch(const std::vector<std::string>& identities = {"host.json"}) {
    CertificatesFetchOptions options{.store = folder_.file("store"), .ca = folder_.file("ca.pem")};
    for (const std::string& name : identities) options.identities.push_back(folder_.file(name));
    return certificates_fetch(options, servers_.open(), console_);
  }
  base::Error refusal() {
    try {
      fetch();
    } catch (const base::Error& error) {
      EXPECT_FALSE(std::filesystem::exists(folder_.file("store"))) << "nothing is written";
      return error;
    }
    return {Kind::usage, "(no refusal)"};
  }

  tests::TemporaryFolder folder_;
  Servers servers_;
  std::ostringstream out_, err_;
  Console console_{out_, err_};
};

TEST_F(CertificatesFetch, StoresWhatTheHostsIdentityNames) {
  EXPECT_EQ(fetch(), 0);
  EXPECT_THAT(servers_.opened, ElementsAre("kds.example under the site's CAs"));
  EXPECT_THAT(out_.str(), HasSubstr("new   vcek/3ac3fe21e13fb0990eb28a80"));
  EXPECT_EQ(fetch(), 0);
  EXPECT_THAT(out_.str(), HasSubstr("0 of 1 are new"));
}

TEST_F(CertificatesFetch, AsksEachServerOnOneConnectionAndForEachThingOnce) {
  identity("other.json", R"("chips":[{"vcek":"https://kds.example/turin"},)"
                         R"({"vcek":"https://kds.example/vcek/Milan/aa?blSPL=2"}])");
  servers_.answers["kds.example:443/turin"] = {200, certificate("virtee-turin-vcek.pem")};
  EXPECT_EQ(fetch({"host.json", "other.json"}), 0);
  EXPECT_EQ(servers_.opened.size(), 1U);
  EXPECT_THAT(servers_.asked, ElementsAre("GET kds.example:443/vcek/Milan/aa?blSPL=2", "GET kds.example:443/turin"));
}

/// A platform's collateral as Intel answered, and an identity that names it.
class IntelCertificatesFetch : public CertificatesFetch {
 protected:
  void SetUp() override {
    const auto files = attestation::tdx_vectors::folder() / "collateral";
    if (!std::filesystem::exists(files)) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
    const auto file = [&](const char* name) { return base::read_file((files / name).string()); };
    servers_.answers["pcs.example:443/tcb"] = {200, file("attrs_tcb_info_90c06f000000.json")};
    servers_.answers["pcs.example:443/crl"] = {200, file("attrs_pck_crl_platform.der")};
    servers_.answers["pcs.example:443/root"] = {200, file("attrs_root_ca_crl.der")};
    servers_.headers["TCB-Info-Issuer-Chain"] = encoded(file("attrs_tcb_signing_chain.pem"));
    servers_.headers["SGX-PCK-CRL-Issuer-Chain"] = encoded(file("automata_pck_certchain.pem"));
    identity("host.json", R"("tee":"tdx","collateral":[)"
                          R"({"url":"https://pcs.example/tcb","issuerChainHeader":"TCB-Info-Issuer-Chain"},)"
                          R"({"url":"https://pcs.example/crl","issuerChainHeader":"SGX-PCK-CRL-Issuer-Chain"},)"
                          R"({"url":"https://pcs.example/root"}])");
  }
  static std::string encoded(const std::string& pem) {
    std::string text;
    for (const char c : pem) text += c == ' ' ? "%20" : c == '\n' ? "%0A" : c == '+' ? "%2B" : std::string(1, c);
    return text;
  }
};

TEST_F(IntelCertificatesFetch, StoresDocumentsListsAndTheIssuersOfTheHeaders) {
  EXPECT_EQ(fetch(), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("new   tdx/"));
  EXPECT_THAT(out_.str(), HasSubstr("Intel SGX TCB Signing"));
  EXPECT_THAT(out_.str(), HasSubstr("Intel SGX PCK Platform CA"));
  EXPECT_EQ(servers_.asked.size(), 3U);
}

TEST_F(IntelCertificatesFetch, WantsTheIssuersThatTheIdentitySpeaksOf) {
  servers_.headers.erase("SGX-PCK-CRL-Issuer-Chain");
  EXPECT_THAT(refusal().what(), HasSubstr("https://pcs.example/crl: no header SGX-PCK-CRL-Issuer-Chain"));
}

TEST_F(CertificatesFetch, NamesWhatIsNotAnswered) {
  servers_.answers.begin()->second.first = 429;
  EXPECT_THAT(refusal().what(),
              HasSubstr("https://kds.example/vcek/Milan/aa?blSPL=2: the server wants to be asked later"));
  servers_.answers.begin()->second.first = 500;
  EXPECT_THAT(refusal().what(), HasSubstr("wanted status 200, got 500"));
}

TEST_F(CertificatesFetch, StoresNothingThatIsUnderNoVendorsRoot) {
  servers_.answers.begin()->second.second = "nonsense";
  EXPECT_EQ(refusal().kind(), Kind::malformed);
}

TEST_F(CertificatesFetch, RefusesAnIdentityWithoutAddresses) {
  identity("host.json", R"("chips":[{"chipId":"aa"}])");
  EXPECT_EQ(refusal().kind(), Kind::failure);
  base::write_file_atomically(folder_.file("host.json"), R"({"schema":"bulkhead.plan/v1"})", 0644);
  EXPECT_EQ(refusal().kind(), Kind::malformed);
}

TEST_F(CertificatesFetch, TakesOnlyWholeHttpsAddresses) {
  for (const char* url : {"http://kds.example/x", "https://kds.example", "https:///x", "https://kds.example:0/x",
                          "https://kds.example:65536/x", "https://kds.example:/x", "ftp://kds.example/x"}) {
    identity("host.json", R"("chips":[{"vcek":")" + std::string(url) + "\"}]");
    EXPECT_EQ(refusal().kind(), Kind::malformed) << url;
  }
}

}  // namespace
}  // namespace cli
