#include <gmock/gmock.h>

#include "attestation/snp_certificate_table.h"
#include "attestation/snp_evidence_file.h"
#include "base/error.h"
#include "base/json.h"
#include "tests/attestation/amd_like_pki.h"
#include "tests/attestation/snp_files.h"

namespace attestation {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

base::Buffer report() {
  static const base::Buffer bytes = snp_files::recorded_report("genoa-v3.hex");
  return bytes;
}

struct Entry {
  std::string guid;  ///< 32 digits
  std::uint32_t offset, length;
};
const std::string vcek_guid = "63da758de6644564adc5f4b93be8accd", ask_guid = "4ab7b379bbac4fe4a02f05aef327c782";

/// A table with these entries and this content after it.
base::Buffer table(const std::vector<Entry>& entries, const base::Buffer& content, bool ended = true) {
  base::Buffer bytes;
  for (const Entry& entry : entries) {
    base::append(bytes, base::from_hex(entry.guid).value());
    base::append(bytes, base::layout_bytes(base::le32(entry.offset)));
    base::append(bytes, base::layout_bytes(base::le32(entry.length)));
  }
  if (ended) bytes.resize(bytes.size() + 24);
  base::append(bytes, content);
  return bytes;
}

base::Buffer vcek() {
  return base::buffer_of(snp_files::recorded_certificate("genoa-v3-vcek.pem").der());
}

base::Buffer host_table() {
  const auto size = static_cast<std::uint32_t>(vcek().size());
  return table({{vcek_guid, 72, size}, {"00112233445566778899aabbccddeeff", 72, size}}, vcek());
}

TEST(SnpEvidenceFile, IsReadInEveryFormThatToolsWrite) {
  base::Buffer extended = report(), padded = report();
  base::append(extended, host_table());
  padded.resize(4000);
  base::Buffer response(32);
  amd_like::put(response, 4, 1184, 4);
  base::append(response, report());
  response.resize(4000);
  std::string hex = base::hex(report());
  hex.insert(64, "\n");
  const std::string json = "{\"primary_evidence\": {\"report\": \"" + base::base64(report()) + "\"}}";
  for (const base::Buffer& file :
       {report(), extended, padded, response, base::buffer_of(base::bytes_of(hex + "\r\n")),
        base::buffer_of(base::bytes_of(base::hex(extended))), base::buffer_of(base::bytes_of(json))})
    EXPECT_EQ(read_snp_evidence(file).report, report());
  EXPECT_EQ(read_snp_evidence(extended).brought.certificates.size(), 1U);
}

TEST(SnpCertificateTable, NamesWhatItHas) {
  const base::Buffer bytes = host_table();
  const auto entries = read_snp_certificate_table(bytes);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].kind, "VCEK");
  EXPECT_TRUE(std::ranges::equal(entries[0].data, vcek()));
  EXPECT_EQ(entries[1].kind, "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(snp_table_objects(bytes).certificates.size(), 1U);
}

TEST(SnpCertificateTable, MayBeEmpty) {
  EXPECT_THAT(read_snp_certificate_table(base::Buffer(24)), IsEmpty());
}

// --- what a guest sends ---

using wire::snp_evidence_json;

base::Buffer changed(base::Buffer bytes, std::size_t offset, std::uint8_t value) {
  bytes[offset] = value;
  return bytes;
}

TEST(SnpEvidenceOfAGuest, IsReadBackByteForByteWhateverTheProductAndVersion) {
  std::vector<base::Buffer> reports{report(), snp_files::recorded_report("milan-v2.hex")};
  for (const SnpProduct product : {SnpProduct::milan, SnpProduct::genoa, SnpProduct::turin})
    for (const std::uint32_t version : {2U, 3U, 5U})
      if (product != SnpProduct::turin || version != 2)
        reports.push_back(amd_like::unsigned_report(product, VekCertificate::Kind::vcek, version));
  for (const base::Buffer& one : reports) {
    const base::Json json = snp_evidence_json(one, {});
    EXPECT_NE(json.find("attestation_report"), nullptr) << "Trustee reads no other form";
    EXPECT_TRUE(json.at("cert_chain").is_null());
    EXPECT_EQ(wire::SnpEvidence::parse(json).report, one);
  }
}

// Source of the fixture: shared vectors, attest/manifest.json (field by field as the sev crate of virtee writes it).
TEST(SnpEvidenceOfAGuest, HasTheMembersThatTrusteesAttesterSends) {
  const base::Buffer fixture = snp_files::vector("attest/kbs/snp-evidence-genoa-v3.json");
  if (fixture.empty()) GTEST_SKIP() << "no test vectors here: set BULKHEAD_VECTORS";
  const base::Json wanted = base::Json::parse(base::text_of(fixture), "fixture");
  const base::Json got = snp_evidence_json(wire::SnpEvidence::parse(wanted).report, host_table());
  for (const auto& [name, value] : wanted.at("attestation_report").object())
    EXPECT_EQ(got.at("attestation_report").at(name), value) << name;
  for (const auto& [name, value] : got.at("attestation_report").object())
    EXPECT_TRUE(value.is_null() || wanted.at("attestation_report").find(name) != nullptr) << name;
  const base::Json &first = got.at("cert_chain").array().at(0), &other = got.at("cert_chain").array().at(1);
  EXPECT_EQ(first, wanted.at("cert_chain").array().at(0));
  EXPECT_EQ(other.at("cert_type").at("OTHER").text(), "00112233-4455-6677-8899-aabbccddeeff");
}

TEST(SnpEvidenceOfAGuest, GoesWholeWhereItsMembersWouldLoseAByte) {
  for (const base::Buffer& one :
       {changed(report(), 0x34f, 1), changed(report(), 0x18b, 1), changed(report(), 0x0f, 0x80)}) {
    const base::Json json = snp_evidence_json(one, {});
    EXPECT_EQ(json.find("attestation_report"), nullptr);
    EXPECT_EQ(wire::SnpEvidence::parse(json).report, one);
  }
}

TEST(SnpEvidenceOfAGuest, RefusesWhatIsNoReportAndNoTable) {
  EXPECT_THAT([] { snp_evidence_json(base::Buffer(1183), {}); },
              ThrowsMessage<base::Error>("SNP report: got 1183 bytes, wanted 1184"));
  EXPECT_THAT([] { snp_evidence_json(report(), base::Buffer(23)); },
              ThrowsMessage<base::Error>(HasSubstr("SNP certificate table")));
  EXPECT_TRUE(snp_evidence_json(report(), base::Buffer(24)).at("cert_chain").is_null());
}

struct Malformed {
  std::string name;
  std::function<base::Buffer()> file;
  std::string why;
};
void PrintTo(const Malformed& wanted, std::ostream* out) {
  *out << wanted.name;
}
class MalformedEvidence : public testing::TestWithParam<Malformed> {};
TEST_P(MalformedEvidence, IsRefusedWithItsPlace) {
  EXPECT_THAT([] { measurement::read_snp_report(read_snp_evidence(GetParam().file()).report); },
              ThrowsMessage<base::Error>(HasSubstr(GetParam().why)));
}

base::Buffer extended(const base::Buffer& with) {
  base::Buffer bytes = report();
  base::append(bytes, with);
  return bytes;
}
base::Buffer response(std::uint32_t status, std::size_t size, std::uint8_t last = 0) {
  base::Buffer bytes(32);
  amd_like::put(bytes, 0, status, 4);
  amd_like::put(bytes, 4, 1184, 4);
  base::append(bytes, report());
  bytes.resize(size);
  bytes.back() = last;
  return bytes;
}
base::Buffer text(const std::string& json) {
  return base::buffer_of(base::bytes_of(json));
}

INSTANTIATE_TEST_SUITE_P(
    Table, MalformedEvidence,
    testing::Values(
        Malformed{"empty", [] { return base::Buffer(); }, "report of 0 bytes"},
        Malformed{"short", [] { return base::Buffer(1183); }, "report of 1183 bytes"},
        Malformed{"trailing", [] { return extended({1}); }, "1 bytes after the report"},
        Malformed{"odd_hex", [] { return text("abc"); }, "report of 3 bytes"},
        Malformed{"response_of_an_error", [] { return response(0x16, 4000); }, "status 0x16 of the firmware"},
        Malformed{"response_truncated", [] { return response(0, 1000); }, "SNP report response+0x20"},
        Malformed{"response_with_trailing", [] { return response(0, 4000, 1); }, "that are not zero"},
        Malformed{"table_without_end", [] { return extended(table({{vcek_guid, 0, 0}}, {}, false)); },
                  "SNP certificate table+0x18"},
        Malformed{"table_entry_past_the_end", [] { return extended(table({{vcek_guid, 48, 1}}, {})); },
                  "certificate 63da758d-e664-4564-adc5-f4b93be8accd at 0x30 of 1 bytes, wanted within the table's 48"},
        Malformed{"table_entry_that_wraps", [] { return extended(table({{vcek_guid, 0xffffffff, 0xffffffff}}, {})); },
                  "at 0xffffffff"},
        Malformed{"table_of_many", [] { return extended(table(std::vector<Entry>(65, Entry{vcek_guid, 0, 0}), {})); },
                  "more than 64 entries"},
        Malformed{"table_with_no_certificate", [] { return extended(table({{ask_guid, 48, 3}}, {1, 2, 3})); },
                  "SNP certificate table: ASK: wanted a certificate"},
        Malformed{"json_damaged", [] { return text("{"); }, "SNP evidence"},
        Malformed{"json_of_something_else", [] { return text("{}"); }, "attestation_report: is missing"},
        Malformed{"json_report_not_base64", [] { return text(R"({"report": "*"})"); }, "report: wanted base64"},
        Malformed{"json_report_short", [] { return text(R"({"report": "AAAA"})"); }, "report of 3 bytes"},
        Malformed{"json_field_short", [] { return text(R"({"attestation_report": {"family_id": [1]}})"); },
                  "family_id: wanted 16 bytes, got 1"},
        Malformed{"json_field_not_a_byte", [] { return text(R"({"attestation_report": {"family_id": [256]}})"); },
                  "family_id: wanted a number of 1 bytes"},
        Malformed{"json_field_negative", [] { return text(R"({"attestation_report": {"family_id": [-1]}})"); },
                  "family_id: wanted a number of 1 bytes"},
        Malformed{"json_chain_not_an_array",
                  [] { return text("{\"report\": \"" + base::base64(report()) + "\", \"cert_chain\": 1}"); },
                  "cert_chain: wanted an array"},
        Malformed{"json_certificate_damaged",
                  [] {
                    return text("{\"report\": \"" + base::base64(report()) +
                                R"(", "cert_chain": [{"cert_type": "VCEK", "data": [48, 0]}]})");
                  },
                  "cert_chain: wanted a certificate"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace attestation
