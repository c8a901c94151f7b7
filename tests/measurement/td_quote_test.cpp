#include "measurement/td_quote.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json.h"
#include "measurement/ccel_table.h"
#include "measurement/tcg_log.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

using testing_files::read;
using testing_files::vectors;

// Registers are numbered so that each is found at its own place: MRTD 1, MRCONFIGID 2, .. RTMR3 8.
void put_fields(base::Buffer& bytes, std::size_t at) {
  for (std::size_t i = 0; i < 8; ++i)
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at + 16 + 48 * i), 48, static_cast<std::uint8_t>(i + 1));
}

base::Buffer quote(std::uint8_t version) {
  const std::size_t body = version == 4 ? 48 : 54;
  base::Buffer bytes(body + 584);
  bytes[0] = version;
  bytes[4] = 0x81;
  if (version == 5) {
    bytes[48] = 2;
    bytes[50] = 584 % 256;
    bytes[51] = 584 / 256;
  }
  put_fields(bytes, body + 120);
  return bytes;
}

base::Buffer report() {
  base::Buffer bytes(1024);
  bytes[0] = 0x81;
  put_fields(bytes, 512);
  return bytes;
}

TEST(TdRegisters, AreFoundInQuotesAndReports) {
  base::Buffer with_signature = quote(4);
  with_signature.resize(5000);
  for (const base::Buffer& bytes : {quote(4), quote(5), with_signature, report()}) {
    const TdRegisters registers = read_td_registers(bytes);
    EXPECT_EQ(registers.mrtd.bytes[0], 1);
    EXPECT_EQ(registers.mr_config_id.bytes[47], 2);
    EXPECT_EQ(registers.mr_owner_config.bytes[0], 4);
    EXPECT_EQ(registers.rtmr[0].bytes[0], 5);
    EXPECT_EQ(registers.rtmr[3].bytes[47], 8);
  }
}

struct Malformed {
  std::string name, message;
  base::Buffer bytes;
};

TEST(TdRegisters, RefuseWhatIsNoTdQuote) {
  const auto changed = [](base::Buffer bytes, std::size_t at, std::uint8_t value) {
    bytes[at] = value;
    return bytes;
  };
  base::Buffer cut4 = quote(4);
  cut4.pop_back();
  base::Buffer cut5 = quote(5);
  cut5.pop_back();
  base::Buffer short_report = report();
  short_report.pop_back();
  base::Buffer long_report = report();
  long_report.push_back(0);
  const std::vector<Malformed> cases{
      {"empty", "needs 48 bytes", {}},
      {"version 3", "version 3: an SGX quote, wanted a TDX quote", changed(quote(4), 0, 3)},
      {"version 6", "version 6, wanted a TDX quote", changed(quote(4), 0, 6)},
      {"SGX", "TEE type 0x0 (SGX), wanted 0x81", changed(quote(4), 4, 0)},
      {"short body", "needs 584 bytes, 583 left", cut4},
      {"short body of version 5", "needs 584 bytes, 583 left", cut5},
      {"enclave's body", "body type 1 (an SGX enclave)", changed(quote(5), 48, 1)},
      {"size of another type", "wanted 648", changed(quote(5), 48, 3)},
      {"short report", "needs 1024 bytes", short_report},
      {"long report", "1 bytes left over", long_report}};
  for (const Malformed& bad : cases) {
    SCOPED_TRACE(bad.name);
    EXPECT_THAT([&] { read_td_registers(bad.bytes); },
                testing::ThrowsMessage<base::Error>(testing::HasSubstr(bad.message)));
  }
}

// A quote with its authentication: sizes that agree, bytes that say where they are.
base::Buffer whole_quote() {
  base::Buffer bytes = quote(4);
  bytes[2] = 2;
  const auto put = [&](std::size_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  };
  put(64 + 64 + 2 + 4 + 384 + 64 + 2 + 3 + 2 + 4 + 5, 4);
  bytes.resize(bytes.size() + 64, 0xA1);
  bytes.resize(bytes.size() + 64, 0xA2);
  put(6, 2);
  put(384 + 64 + 2 + 3 + 2 + 4 + 5, 4);
  const std::size_t report = bytes.size();
  bytes.resize(report + 384);
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(report + 128), 32, std::uint8_t{0xA3});
  bytes[report + 256] = 2;
  bytes[report + 258] = 4;
  bytes.resize(bytes.size() + 64, 0xA4);
  put(3, 2);
  bytes.resize(bytes.size() + 3, 0xA5);
  put(5, 2);
  put(5, 4);
  bytes.resize(bytes.size() + 5, 0xA6);
  return bytes;
}
constexpr std::size_t body_end = 48 + 584;
constexpr std::size_t inner = body_end + 4 + 128 + 6;  // the QE report

TEST(TdQuote, IsTakenApart) {
  base::Buffer bytes = whole_quote();
  bytes.resize(bytes.size() + 39);
  const TdQuote found = parse_td_quote(bytes);
  EXPECT_EQ(found.td, read_td_registers(bytes));
  EXPECT_EQ(found.signed_bytes, base::Buffer(bytes.begin(), bytes.begin() + body_end));
  EXPECT_EQ(found.signature[63], 0xA1);
  EXPECT_EQ(found.attestation_key[0], 0xA2);
  EXPECT_EQ(found.qe_report.mr_signer[31], 0xA3);
  EXPECT_EQ(found.qe_report.isv_prod_id, 2);
  EXPECT_EQ(found.qe_report.isv_svn, 4);
  EXPECT_EQ(found.qe_report_bytes.size(), 384U);
  EXPECT_EQ(found.qe_report_signature[0], 0xA4);
  EXPECT_EQ(found.qe_authentication_data, base::Buffer(3, 0xA5));
  EXPECT_EQ(found.certification_type, pck_chain_certification);
  EXPECT_EQ(found.certification_data, base::Buffer(5, 0xA6));
  EXPECT_EQ(found.trailing_bytes, 39U);
  EXPECT_FALSE(found.later.has_value());
}

TEST(TdQuote, RefusesSizesAndTypesThatDoNotFit) {
  const auto changed = [](std::size_t at, std::uint8_t value) {
    base::Buffer bytes = whole_quote();
    bytes[at] = value;
    return bytes;
  };
  const std::vector<Malformed> cases{
      {"P-384 key", "attestation key of type 3, wanted 2", changed(2, 3)},
      {"signature data past the end", "signature data of 16", changed(body_end + 2, 0xFF)},
      {"signature data too short", "QE report certification data of", changed(body_end, 1)},
      {"signature data with a byte too many", "left over",
       [&] {
         base::Buffer bytes = changed(body_end, static_cast<std::uint8_t>(whole_quote()[body_end] + 1));
         bytes.push_back(0);
         return bytes;
       }()},
      {"chain outside a QE report", "certification data of type 5, wanted 6", changed(body_end + 4 + 128, 5)},
      {"authentication data past the end", "QE authentication data of", changed(inner + 448 + 1, 0xFF)},
      {"unknown certification data", "certification data of type 9", changed(inner + 448 + 2 + 3, 9)},
      {"chain past the end", "certification data of 261 bytes, 5 left", changed(inner + 448 + 2 + 3 + 3, 1)},
      {"chain too short", "1 bytes left over", changed(inner + 448 + 2 + 3 + 2, 4)}};
  for (const Malformed& bad : cases) {
    SCOPED_TRACE(bad.name);
    EXPECT_THAT([&] { parse_td_quote(bad.bytes); },
                testing::ThrowsMessage<base::Error>(testing::HasSubstr(bad.message)));
  }
  const base::Buffer whole = whole_quote();
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_THROW(parse_td_quote(base::Bytes(whole).first(size)), base::Error) << size;
}

TEST(TdQuote, RefusesAReport) {
  EXPECT_THAT([] { parse_td_quote(report()); }, testing::ThrowsMessage<base::Error>(testing::HasSubstr("version")));
}

TEST(TdRegisters, OfARealQuoteAreWhatItsLogReplaysTo) {
  const base::Buffer bytes = read(vectors() / "attest/tdx/quotes/gotdx_cos113_quote.dat");
  const base::Buffer log = read(vectors() / "ccel/gotdx_ccel_data.dat");
  if (bytes.empty() || log.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  PcrValues registers = replay(parse_event_log(log));
  for (unsigned i = 0; i < 4; ++i) EXPECT_EQ(read_td_registers(bytes).rtmr[i], registers.sha384[i + 1]) << i;
}

TEST(TdRegisters, OfReportsAreAtTheirPlaces) {
  const base::Buffer live = read(vectors() / "attest/tdx/attrs_tdreport_live.bin");
  const base::Buffer simulated = read(vectors() / "attest/tdx/gotdx_tdreport.dat");
  if (live.empty() || simulated.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  EXPECT_THAT(read_td_registers(live).rtmr[0].hex(), testing::StartsWith("5aca07b1"));
  EXPECT_EQ(read_td_registers(live).rtmr[3], base::Sha384{});
  EXPECT_NO_THROW(read_td_registers(simulated));
}

TEST(TdRegisters, OfEveryTdxQuoteOfTheVectorsAreRead) {
  unsigned found = 0;
  for (const char* name : {"trustee_tdx_quote_4.dat", "trustee_tdx_quote_5.dat", "trustee_tdx_quote_6.dat",
                           "gotdx_prod_quote_SPR_E4.dat", "automata_quote_tdx_00806f050000.dat"}) {
    const base::Buffer bytes = read(vectors() / "attest/tdx/quotes" / name);
    if (bytes.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
    EXPECT_NE(read_td_registers(bytes).mrtd, base::Sha384{}) << name;
    ++found;
  }
  EXPECT_THROW(read_td_registers(read(vectors() / "attest/tdx/quotes/trustee_sgx_quote_v3.dat")), base::Error);
  EXPECT_EQ(found, 5U);
}

TEST(CcelTable, SaysWhatItDescribes) {
  const base::Buffer bytes = read(vectors() / "ccel/gotdx_ccel_table.dat");
  if (bytes.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  const CcelTable table = read_ccel_table(bytes);
  EXPECT_EQ(table.cc_type, 2);
  EXPECT_EQ(table.log_size, 262144U);
  EXPECT_EQ(table.log_address, 3202084864U);
}

TEST(CcelTable, RefusesDamagedTables) {
  base::Buffer table(56);
  std::copy_n("CCEL", 4, table.begin());
  table[4] = 56;
  table[9] = static_cast<std::uint8_t>(256 - ('C' + 'C' + 'E' + 'L' + 56) % 256);
  EXPECT_NO_THROW(read_ccel_table(table));
  EXPECT_TRUE(is_ccel_table(table));
  for (const auto& [at, message] :
       {std::pair{0U, "'CCEL'"}, std::pair{4U, "length"}, std::pair{40U, "do not add up to 0"}}) {
    base::Buffer damaged = table;
    damaged[at] ^= 1U;
    EXPECT_THAT([&] { read_ccel_table(damaged); }, testing::ThrowsMessage<base::Error>(testing::HasSubstr(message)));
  }
  EXPECT_THROW(read_ccel_table(base::Bytes(table).first(55)), base::Error);
}

}  // namespace
}  // namespace measurement
