#include "attestation/tdx_collateral.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "tests/attestation/intel_platform.h"

namespace attestation {
namespace {

using namespace intel_platform;
using testing::HasSubstr;

const std::string signature(128, 'a');

TdxCollateral read(const std::string& text) {
  TdxCollateral found;
  add_tdx_collateral(found, base::bytes_of(text), "file");
  return found;
}

std::string quoted(std::string text) {
  std::string out = "\"";
  for (const char c : text) out += (c == '"' || c == '\\') ? std::string{'\\', c} : c == '\n' ? "\\n" : std::string{c};
  return out + "\"";
}

std::string answer(const std::string& body = tcb_info({})) {
  return R"({"tcbInfo":)" + body + R"(,"signature":")" + signature + "\"}";
}

TEST(TdxCollateral, KeepsAnAnswersBodyAsItWasReceived) {
  const std::string body = " { " + tcb_info({}).substr(1);
  const TdxCollateral found = read("{\"tcbInfo\" : " + body + " , \"signature\":\"" + signature + "\"}\n");
  ASSERT_EQ(found.tcb_infos.size(), 1U);
  EXPECT_EQ(found.tcb_infos[0].body, body.substr(1));
  EXPECT_EQ(found.tcb_infos[0].signature[63], 0xAA);
  const std::string identity = R"({"enclaveIdentity":)" + qe_identity({}) + R"(,"signature":")" + signature + "\"}";
  EXPECT_EQ(read(identity).qe_identities.at(0).body, qe_identity({}));
}

TEST(TdxCollateral, ReadsBundlesOfBodiesAndOfWholeAnswers) {
  const std::string of_bodies = R"({"tcb_info":)" + quoted(tcb_info({})) + R"(,"tcb_info_signature":")" + signature +
                                R"(","qe_identity":)" + quoted(qe_identity({})) + R"(,"qe_identity_signature":")" +
                                signature + "\"}";
  EXPECT_EQ(read(of_bodies).tcb_infos.at(0).body, tcb_info({}));
  EXPECT_EQ(read(of_bodies).qe_identities.at(0).body, qe_identity({}));
  const std::string of_answers = R"({"tcb_info":)" + quoted(answer()) + R"(,"qe_identity":null,"root_ca_crl":""})";
  EXPECT_EQ(read(of_answers).tcb_infos.at(0).body, tcb_info({}));
}

// Intel's tool writes what it fetched anew, with a blank after each comma and colon; Intel signs text without any.
TEST(TdxCollateral, ReadsTheFileOfThePcsClientTool) {
  const vendor_pki::Identity ca = vendor_pki::issue(
      {.common_name = "Intel SGX PCK Platform CA", .not_before = now, .not_after = now + day, .ca = true}, keys().ca);
  const std::string list = base::hex(vendor_pki::revoke({.this_update = now}, ca, ca).der());
  std::string spaced;
  for (const char c : answer()) spaced += (c == ',') ? std::string(", ") : std::string{c};
  std::string encoded;
  for (const char c : ca.pem()) encoded += c == ' ' ? "%20" : c == '\n' ? "%0A" : c == '+' ? "%2B" : std::string{c};
  const std::string file =
      R"({"platforms":[],"collaterals":{"version":"4","tcbinfos":[{"fmspc":"424242424242",)"
      R"("sgx_tcbinfo":{"tcbInfo":{"id":"SGX"},"signature":"00"},"tdx_tcbinfo":)" +
      spaced + R"(,"tdx_tcbinfo_early":)" + quoted(answer()) + R"(}],"pckcacrl":{"processorCrl":"","platformCrl":")" +
      list + R"("},"qeidentity":"","tdqeidentity":)" +
      quoted(R"({"enclaveIdentity":)" + qe_identity({}) + R"(,"signature":")" + signature + "\"}") +
      R"(,"certificates":{"SGX-PCK-Certificate-Issuer-Chain":{"PROCESSOR":"","PLATFORM":")" + encoded +
      R"("},"TCB-Info-Issuer-Chain":")" + encoded + R"("},"rootcacrl":")" + list + "\"}}";
  const TdxCollateral found = read(file);
  ASSERT_EQ(found.tcb_infos.size(), 2U);
  EXPECT_EQ(found.tcb_infos[0].body, tcb_info({}));
  EXPECT_EQ(found.tcb_infos[1].body, tcb_info({}));
  EXPECT_EQ(found.qe_identities.size(), 1U);
  EXPECT_EQ(found.x509.certificates.size(), 2U);
  EXPECT_EQ(found.x509.revocation_lists.size(), 2U);
}

TEST(TdxCollateral, PassesOverDocumentsOfSgx) {
  std::string other = answer();
  other.replace(other.find("TDX"), 3, "SGX");
  EXPECT_TRUE(read(other).tcb_infos.empty());
}

struct Malformed {
  std::string name, text, message;
};

TEST(TdxCollateral, RefusesOtherFiles) {
  const Malformed cases[] = {
      {"nothing", "", "file"},
      {"no JSON", "{", "file"},
      {"another document", R"({"schema":"x"})", "wanted an answer of Intel's PCS"},
      {"short signature", R"({"tcbInfo":{"id":"TDX"},"signature":"aa"})", "file: signature: wanted 128"},
      {"no signature", R"({"tcbInfo":{"id":"TDX"}})", "file: signature: wanted 128"},
      {"body without id", R"({"tcbInfo":{},"signature":")" + signature + "\"}", "file: tcbInfo: id: missing"},
      {"body that is a text", R"({"tcbInfo":"{}","signature":")" + signature + "\"}", "file: tcbInfo"},
      {"bundle without signature", R"({"tcb_info":)" + quoted(tcb_info({})) + "}", "tcb_info_signature: wanted 128"},
      {"bundle with a number", R"({"tcb_info":1})", "file: tcb_info: wanted a string"},
      {"bundle with half a list",
       R"({"tcb_info":null,"qe_identity":)" +
           quoted("{\"enclaveIdentity\":" + qe_identity({}) + ",\"signature\":\"" + signature + "\"}") +
           R"(,"root_ca_crl":"30820"})",
       "root_ca_crl: wanted a CRL"},
      {"certificate that does not end", "-----BEGIN CERTIFICATE-----\nMII\n", "file"}};
  for (const Malformed& bad : cases) {
    SCOPED_TRACE(bad.name);
    EXPECT_THAT([&] { read(bad.text); }, testing::ThrowsMessage<base::Error>(HasSubstr(bad.message)));
  }
}

struct Change {
  std::string from, to, message;
};

TEST(TcbInfo, IsReadStrictlyWhereItMatters) {
  const Change cases[] = {
      {R"("id":"TDX")", R"("id":"SGX")", "id: got 'SGX', wanted 'TDX'"},
      {R"("version":3)", R"("version":2)", "version: got 2, wanted 3"},
      {R"("version":3)", R"("version":"3")", "version: wanted a whole number"},
      {R"("issueDate":"20)", R"("issueDate":"2026-13-01T00:00:00Z","x":"20)", "issueDate: got '2026-13-01T00:00:00Z'"},
      {R"("nextUpdate":"20)", R"("nextUpdate":"19)", "nextUpdate: is before issueDate"},
      {R"("fmspc":"42)", R"("fmspc":"4)", "fmspc: wanted 12 hexadecimal digits"},
      {R"("pceId":"0000",)", "", "pceId: missing"},
      {R"("svn":3},)", R"("svn":256},)",
       "tcbLevels[0]: tcb: sgxtcbcomponents[0]: svn: wanted a whole number of 0 to 255"},
      {R"({"svn":3},)", "", "sgxtcbcomponents: wanted 16 components"},
      {R"("pcesvn":13)", R"("pcesvn":-1)", "pcesvn: wanted a whole number of 0 to 65535"},
      {R"("tcbStatus":"UpToDate")", R"("tcbStatus":"TDRelaunchAdvised")", "got 'TDRelaunchAdvised', wanted a status"},
      {R"("tcbStatus":"UpToDate")", R"("tcbStatus":"uptodate")", "got 'uptodate', wanted a status"},
      {R"("advisoryIDs":["INTEL)", R"("advisoryIDs":[1,"INTEL)", "advisoryIDs: wanted strings"},
      {R"("tdxModuleIdentities":[)", R"("tdxModuleIdentities":[7,)", "tdxModuleIdentities[0]: wanted an object"},
      {R"("isvsvn":5)", R"("isvsvn":65536)", "isvsvn: wanted a whole number"}};
  for (const Change& change : cases) {
    SCOPED_TRACE(change.from + " -> " + change.to);
    std::string text = tcb_info({});
    ASSERT_NE(text.find(change.from), std::string::npos);
    text.replace(text.find(change.from), change.from.size(), change.to);
    EXPECT_THAT([&] { parse_tcb_info(text); }, testing::ThrowsMessage<base::Error>(HasSubstr(change.message)));
  }
  EXPECT_THROW(parse_qe_identity(tcb_info({})), base::Error);
  std::string other_enclave = qe_identity({});
  other_enclave.replace(other_enclave.find("TD_QE"), 5, "QVE");
  EXPECT_THAT([&] { parse_qe_identity(other_enclave); },
              testing::ThrowsMessage<base::Error>(HasSubstr("got 'QVE', wanted 'TD_QE'")));
}

TEST(TcbInfo, MayHaveMembersWeDoNotKnow) {
  std::string text = tcb_info({});
  text.insert(1, R"("new":{"x":[1]},)");
  EXPECT_EQ(parse_tcb_info(text).levels.size(), 1U);
}

}  // namespace
}  // namespace attestation
