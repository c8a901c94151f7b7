#include "measurement/log_comparison.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "tests/measurement/recorded_boot.h"

namespace measurement {
namespace {

constexpr FirmwareProfile debian12{FirmwareGeneration::before_202411, KernelSource::legacy_items, InitrdWord::suffix,
                                   SecureBootVariable::zero};

Prediction direct_boot(const std::string& command_line = "console=ttyS0") {
  Prediction prediction;
  prediction.events = predict_boot_events({debian12, {}, BankDigests{}, command_line});
  prediction.alternatives = {
      {std::string(exit_boot_services_retried), with_exit_boot_services_retry(prediction.events)}};
  return prediction;
}

EventLog log_of(const std::vector<BootEvent>& events) {
  static const std::map<std::string, std::uint32_t> types{{"EV_SEPARATOR", 4},
                                                          {"EV_EVENT_TAG", 6},
                                                          {"EV_EFI_VARIABLE_DRIVER_CONFIG", 0x80000001},
                                                          {"EV_EFI_BOOT_SERVICES_APPLICATION", 0x80000003},
                                                          {"EV_EFI_ACTION", 0x80000007}};
  EventLog log{{0x0b, 0x0c}, {}};
  for (const BootEvent& event : events)
    log.events.push_back({event.pcr, types.at(event.type), event.sha256, event.sha384, {}, 0});
  return log;
}

// The same events in the registers of a confidential guest.
Prediction of_td(Prediction prediction) {
  prediction.tee = base::Tee::tdx;
  for (BootEvent& event : prediction.events) event.pcr = cc_register_of_pcr(event.pcr).value();
  prediction.alternatives.clear();
  return prediction;
}

EventLog cc_log_of(const std::vector<BootEvent>& events) {
  EventLog log = log_of(events);
  log.algorithms = {0x0c};
  for (LogEvent& event : log.events) {
    event.pcr = cc_register_of_pcr(event.pcr).value();
    event.sha256.reset();
  }
  return log;
}

TEST(Differences, AreNoneForThePredictedBootAndForARetriedExit) {
  const Prediction prediction = direct_boot();
  EXPECT_TRUE(differences(prediction, log_of(prediction.events), LogKind::tpm).empty());
  EXPECT_TRUE(differences(prediction, log_of(with_exit_boot_services_retry(prediction.events)), LogKind::tpm).empty());
}

TEST(Differences, NameEachRegisterThatIsNotAsPredicted) {
  const EventLog log = log_of(direct_boot("console=ttyS0 debug").events);
  const std::vector<Difference> found = differences(direct_boot(), log, LogKind::tpm);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].pcr, 9U);
  EXPECT_EQ(found[0].what, "command line");
}

TEST(Differences, AreInRegistersOfTheGuestForAConfidentialOne) {
  const Prediction prediction = of_td(direct_boot());
  EXPECT_TRUE(differences(prediction, cc_log_of(direct_boot().events), LogKind::cc).empty());
  const std::vector<Difference> found = differences(prediction, cc_log_of(direct_boot("debug").events), LogKind::cc);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].text, testing::StartsWith("RTMR2 event 0 (command line): got EV_EVENT_TAG sha384:"));
}

TEST(Differences, AreNotLookedForBetweenATpmAndAConfidentialGuest) {
  EXPECT_THROW(differences(direct_boot(), cc_log_of(direct_boot().events), LogKind::cc), base::Error);
  EXPECT_THROW(differences(of_td(direct_boot()), log_of(direct_boot().events), LogKind::tpm), base::Error);
}

TEST(Differences, SurviveThePredictionsDocument) {
  const Prediction prediction = direct_boot();
  const base::Json document = base::Json::Object{{"schema", "bulkhead.measurement/v1"},
                                                 {"tee", "emulated"},
                                                 {"events", events_json(prediction.events)},
                                                 {"alternatives", alternatives_json(prediction)}};
  const Prediction read = parse_prediction(document);
  EXPECT_EQ(read.events, prediction.events);
  EXPECT_TRUE(differences(read, log_of(with_exit_boot_services_retry(prediction.events)), LogKind::tpm).empty());
  EXPECT_EQ(alternatives_json(prediction)[0].at("events").array().size(), 5U);
}

TEST(Prediction, IsRefusedWhereItHasNoEvents) {
  for (const char* text : {"{}", R"({"schema":"x"})", R"({"schema":"bulkhead.measurement/v1","tee":"snp","events":[]})",
                           R"({"schema":"bulkhead.measurement/v1","tee":"tdx"})",
                           R"({"schema":"bulkhead.measurement/v1","tee":"emulated","events":[{"pcr":24}]})"})
    EXPECT_THROW(parse_prediction(base::Json::parse(text, "test")), base::Error) << text;
}

TEST(LogKind, IsToldByBanksAndRegisters) {
  const Prediction prediction = direct_boot();
  EXPECT_EQ(guess_kind(log_of(prediction.events)), LogKind::tpm);
  EXPECT_EQ(guess_kind(cc_log_of(prediction.events)), LogKind::cc);
  EventLog sha384_tpm = log_of(prediction.events);
  sha384_tpm.algorithms = {0x0c};
  EXPECT_EQ(guess_kind(sha384_tpm), LogKind::tpm);
  EXPECT_EQ(register_name(LogKind::cc, 0), "MRTD");
  EXPECT_EQ(register_name(LogKind::cc, 4), "RTMR3");
  EXPECT_EQ(register_name(LogKind::tpm, 4), "PCR 4");
}

TEST(QuoteComparison, DoesNotWantRtmr3ToBeInTheLog) {
  const PcrValues replayed = replay(cc_log_of(direct_boot().events));
  TdRegisters quote;
  for (unsigned i = 0; i < 3; ++i) quote.rtmr[i] = replayed.sha384.at(i + 1);
  quote.rtmr[3].bytes.fill(7);
  std::vector<RegisterComparison> all = compare_with_quote(replayed, quote);
  ASSERT_EQ(all.size(), 4U);
  for (const RegisterComparison& one : all) EXPECT_EQ(one.matches(), one.must_match) << one.name;
  quote.rtmr[0].bytes.fill(7);
  all = compare_with_quote(replayed, quote);
  EXPECT_FALSE(all[0].matches());
  EXPECT_TRUE(all[0].must_match);
}

TEST(PcrValues, AreReadInEachOfTheirForms) {
  const std::string a(64, 'a'), b(96, 'b');
  for (const std::string& text : {R"({"sha256":{"7":")" + a + R"("},"sha384":{"7":")" + b + R"("}})",
                                  R"({"pcrs":{"sha256":{"7":")" + a + R"("},"sha384":{"7":")" + b + R"("}}})"}) {
    const PcrValues values = parse_pcr_values(base::Json::parse(text, "test"));
    EXPECT_EQ(values.sha256.at(7).hex(), a);
    EXPECT_EQ(values.sha384.at(7).hex(), b);
  }
  EXPECT_EQ(parse_pcr_values(base::Json::parse(R"({"7":")" + b + R"("})", "test")).sha384.at(7).hex(), b);
  for (const char* text : {"{}", R"({"24":"00"})", R"({"7":"00"})", R"({"sm3":{}})", R"({"7":7})"})
    EXPECT_THROW(parse_pcr_values(base::Json::parse(text, "test")), base::Error) << text;
}

TEST(PcrComparison, LooksAtRegistersTheLogHas) {
  const PcrValues replayed = replay(log_of(direct_boot().events));
  PcrValues wanted = replayed;
  wanted.sha256[10].bytes.fill(1);
  for (const RegisterComparison& one : compare_with_pcrs(replayed, wanted)) EXPECT_TRUE(one.matches()) << one.name;
  wanted.sha384[4].bytes.fill(1);
  std::vector<std::string> bad;
  for (const RegisterComparison& one : compare_with_pcrs(replayed, wanted))
    if (!one.matches()) bad.push_back(one.name);
  EXPECT_THAT(bad, testing::ElementsAre("sha384 PCR 4"));
}

}  // namespace
}  // namespace measurement
