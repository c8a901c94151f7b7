#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/encoding.h"
#include "base/json.h"
#include "measurement/prediction.h"
#include "tests/cli/run_command.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using base::Json;
using measurement::BootEvent;
using testing::AllOf;
using testing::HasSubstr;

void put(std::string& to, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to += static_cast<char>(value >> (8 * i));
}

std::string log_header() {
  std::string log;
  put(log, 0, 4);
  put(log, 3, 4);
  log.append(20, '\0');
  put(log, 37, 4);
  log += std::string("Spec ID Event03\0", 16);
  put(log, 0, 8);
  put(log, 2, 4);
  put(log, 0x0b | (32U << 16U), 4);
  put(log, 0x0c | (48U << 16U), 4);
  put(log, 0, 1);
  return log;
}

std::string record(const BootEvent& event, const std::string& data) {
  std::string bytes;
  put(bytes, event.pcr, 4);
  put(bytes, event.type == "EV_SEPARATOR" ? 4 : 0x80000007, 4);
  put(bytes, 2, 4);
  put(bytes, 0x0b, 2);
  bytes += base::text_of(event.sha256.view());
  put(bytes, 0x0c, 2);
  bytes += base::text_of(event.sha384.view());
  put(bytes, data.size(), 4);
  return bytes + data;
}

/// A short log of a TPM, and documents to compare it with.
class Replay : public testing::Test {
 protected:
  Replay() {
    std::string log = log_header() + record(events_[0], "Calling EFI Application from Boot Option") +
                      record(events_[1], std::string(4, '\0'));
    log_ = file("log", log + std::string(64, '\0'));
  }

  [[nodiscard]] std::string file(const std::string& name, const std::string& content) const {
    std::ofstream(folder_.file(name), std::ios::binary) << content;
    return folder_.file(name);
  }
  [[nodiscard]] std::string prediction(const std::vector<BootEvent>& events) const {
    return file("prediction", Json(Json::Object{{"schema", "bulkhead.measurement/v1"},
                                                {"tee", "emulated"},
                                                {"events", measurement::events_json(events)}})
                                  .pretty());
  }

  std::vector<BootEvent> events_{measurement::calling_application_event(), measurement::separator_event(4)};
  std::string log_;

 private:
  tests::TemporaryFolder folder_;
};

TEST_F(Replay, ShowsEventsAndRegisters) {
  const Ran ran = run_command({"replay", log_});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("EV_EFI_ACTION  77a0dab2312b4e1e  Calling EFI Application from Boot Option"),
                             HasSubstr("sha384 PCR 4  ")));
  const Json json = Json::parse(run_command({"replay", log_, "--json"}).out, "output");
  EXPECT_EQ(json.at("schema").text(), "bulkhead.replay/v1");
  EXPECT_EQ(json.at("log").text(), "tpm");
  EXPECT_EQ(json.at("events").array().at(0).at("dataProof").text(), "proven");
  EXPECT_EQ(json.at("registers").at("sha256").at("PCR 4").text(), measurement::fold(events_).sha256.at(4).hex());
}

TEST_F(Replay, EndsWith5WhereTheLogIsNotThePredictedOne) {
  EXPECT_EQ(run_command({"replay", log_, "--prediction", prediction(events_)}).code, 0);
  std::swap(events_[0], events_[1]);
  const Ran ran = run_command({"replay", log_, "--prediction", prediction(events_)});
  EXPECT_EQ(ran.code, 5);
  EXPECT_THAT(ran.out, HasSubstr("PCR 4 event 0 (firmware constant: separator): got EV_EFI_ACTION"));
}

TEST_F(Replay, ComparesWithRegisterValues) {
  const std::string value = measurement::fold(events_).sha384.at(4).hex();
  EXPECT_EQ(run_command({"replay", log_, "--pcrs", file("good", "{\"4\":\"" + value + "\"}")}).code, 0);
  const Ran ran = run_command({"replay", log_, "--pcrs", file("bad", "{\"4\":\"" + std::string(96, '0') + "\"}")});
  EXPECT_EQ(ran.code, 5);
  EXPECT_THAT(ran.out, HasSubstr("sha384 PCR 4  differs: got " + value));
}

TEST_F(Replay, TellsATableFromALog) {
  std::string table = "CCEL";
  put(table, 56, 4);
  table.resize(56);
  const Ran ran = run_command({"replay", file("table", table)});
  EXPECT_EQ(ran.code, 64);
  EXPECT_THAT(ran.err, HasSubstr("data/CCEL"));
  EXPECT_EQ(run_command({"replay", log_, "--table", file("table", table)}).code, 3);
  EXPECT_EQ(run_command({"replay", log_, "--ccel", "--tpm"}).code, 64);
  EXPECT_EQ(run_command({"replay", file("text", "no log")}).code, 3);
  EXPECT_EQ(run_command({"replay", log_, "--quote", log_}).code, 3);
}

// With the shared vectors: a guest of Google's, its log, its table and its quote.
TEST(ReplayOfATd, MatchesItsQuote) {
  const char* const set = std::getenv("BULKHEAD_VECTORS");
  const std::filesystem::path vectors = set ? set : "";
  if (!std::filesystem::exists(vectors / "ccel/gotdx_ccel_data.dat"))
    GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  const std::string quotes = vectors / "attest/tdx/quotes";
  const Ran ran = run_command({"replay", vectors / "ccel/gotdx_ccel_data.dat", "--table",
                               vectors / "ccel/gotdx_ccel_table.dat", "--quote", quotes + "/gotdx_cos113_quote.dat"});
  EXPECT_EQ(ran.code, 0) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("RTMR2  matches"));
  EXPECT_EQ(
      run_command({"replay", vectors / "ccel/gotdx_ccel_data.dat", "--quote", quotes + "/trustee_tdx_quote_5.dat"})
          .code,
      5);
}

}  // namespace
}  // namespace cli
