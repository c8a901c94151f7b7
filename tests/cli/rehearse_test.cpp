#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli/rehearsal_report.h"
#include "tests/cli/run_command.h"

namespace {

using cli::judge;
using cli::RehearsalReport;
using cli::RehearsalVerdict;
using measurement::BankDigests;
using measurement::BootEvent;
using measurement::Provenance;
using testing::HasSubstr;

BankDigests digests(const char* text) {
  return measurement::digests_of(base::bytes_of(text));
}

BootEvent event(unsigned pcr, const char* what) {
  return measurement::make_event(pcr, "EV_EVENT_TAG", what, Provenance::input_file, digests(what));
}

measurement::LogEvent logged(const BootEvent& event) {
  measurement::LogEvent log;
  log.pcr = event.pcr;
  log.type = 6;
  log.sha256 = event.sha256;
  log.sha384 = event.sha384;
  return log;
}

/// A boot in which just that happened, on a TPM that was told the same.
RehearsalReport happened(const std::vector<BootEvent>& events) {
  RehearsalReport report;
  report.launched = {"QEMU"};
  for (const BootEvent& one : events) report.log.events.push_back(logged(one));
  report.pcrs = measurement::fold(events);
  return report;
}

TEST(RehearsalVerdict, IsEqualWhenLogAndRegistersAreAsPredicted) {
  RehearsalReport report = happened({event(4, "kernel"), event(9, "command line")});
  report.prediction.events = {event(4, "kernel"), event(9, "command line")};
  const RehearsalVerdict verdict = judge(report);
  EXPECT_EQ(verdict.difference, "");
  EXPECT_EQ(verdict.events.size(), 2U);
  EXPECT_EQ(verdict.registers.size(), 2 * cli::rehearsed_pcrs().size());
}

TEST(RehearsalVerdict, NamesTheFirstDifferentEvent) {
  RehearsalReport report = happened({event(4, "kernel"), event(9, "another command line")});
  report.prediction.events = {event(4, "kernel"), event(9, "command line")};
  EXPECT_THAT(judge(report).difference, HasSubstr("PCR 9 event 0 (command line): got EV_EVENT_TAG sha256:"));
  report.prediction.events.push_back(event(5, "separator"));
  report.log.events[1] = logged(event(9, "command line"));
  EXPECT_THAT(judge(report).difference, HasSubstr("PCR 5 event 0 (separator): got no event"));
}

TEST(RehearsalVerdict, NamesTheLegitimateOutcomeThatHappened) {
  RehearsalReport report = happened({event(5, "invocation"), event(5, "failure"), event(5, "success")});
  report.prediction.events = {event(5, "success")};
  report.prediction.alternatives = {
      {"it was tried again", {event(5, "invocation"), event(5, "failure"), event(5, "success")}}};
  const RehearsalVerdict verdict = judge(report);
  EXPECT_EQ(verdict.difference, "");
  EXPECT_EQ(verdict.outcome, "it was tried again");
}

TEST(RehearsalVerdict, DoesNotBelieveALogThatTheTpmContradicts) {
  RehearsalReport report = happened({event(4, "kernel")});
  report.prediction.events = {event(4, "kernel")};
  report.pcrs = measurement::fold({event(4, "another kernel")});
  EXPECT_THAT(judge(report).difference, HasSubstr("PCR 4: the event log does not replay"));
}

TEST(RehearsalVerdict, SeesARegisterNobodySpokeOf) {
  RehearsalReport report = happened({event(4, "kernel"), event(8, "something")});
  report.prediction.events = {event(4, "kernel")};
  EXPECT_THAT(judge(report).difference, HasSubstr("PCR 8 event 0 (not predicted)"));
}

TEST(RehearsalVerdict, LeavesOutARegisterThatCannotBeKnown) {
  RehearsalReport report = happened({event(1, "tables")});
  BootEvent unknown = event(1, "tables");
  unknown.provenance = Provenance::unpredictable;
  unknown.sha256 = {};
  unknown.sha384 = {};
  report.prediction.events = {unknown};
  const RehearsalVerdict verdict = judge(report);
  EXPECT_EQ(verdict.difference, "");
  EXPECT_EQ(verdict.registers.front().predicted, "");
}

TEST(RehearsalReport, IsJsonAndATableOfTheSameFacts) {
  RehearsalReport report = happened({event(4, "kernel"), event(4, "extra")});
  report.prediction.events = {event(4, "kernel")};
  const RehearsalVerdict verdict = judge(report);
  const base::Json json = rehearsal_json(report, verdict);
  EXPECT_EQ(json.at("schema").text(), "bulkhead.rehearsal/v1");
  EXPECT_FALSE(json.at("equal").boolean());
  EXPECT_EQ(json.at("events").array().at(0).at("what").text(), "kernel");
  EXPECT_EQ(json.at("events").array().at(1).find("predicted"), nullptr);
  std::ostringstream out, err;
  cli::Console console{out, err};
  print(report, verdict, console);
  EXPECT_THAT(out.str(), HasSubstr("differs: PCR 4 event 1 (not predicted)"));
}

TEST(Rehearse, RefusesLaunchesThatMakeNoSense) {
  const struct {
    std::vector<std::string> words;
    const char* message;
  } cases[] = {
      {{"--vcpus", "1-2"}, "--vcpus: got '1-2', wanted one number"},
      {{"--memory", "12"}, "--memory: got '12'"},
      {{"--memory", "32MiB"}, "a size from 64MiB"},
      {{"--devices", "all"}, "--devices: got 'all', wanted guest or none"},
      {{"--disks", "27"}, "--disks: got '27'"},
  };
  for (const auto& wrong : cases) {
    std::vector<std::string> words = {"rehearse", "--firmware", "f", "--kernel", "k"};
    words.insert(words.end(), wrong.words.begin(), wrong.words.end());
    const cli::Ran ran = cli::run_command(words);
    EXPECT_EQ(ran.code, 64) << wrong.message;
    EXPECT_THAT(ran.err, HasSubstr(wrong.message));
  }
}

}  // namespace
