#include "measurement/tcg_log.h"

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "tests/measurement/recorded_boot.h"

namespace measurement {
namespace {

void put(base::Buffer& to, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

base::Buffer log_header(std::uint32_t type = 3, std::uint16_t size_384 = 48) {
  base::Buffer log;
  put(log, 0, 4);
  put(log, type, 4);
  log.insert(log.end(), 20, 0);
  put(log, 16 + 8 + 4 + 8 + 1, 4);
  base::append(log, base::bytes_of(std::string_view("Spec ID Event03\0", 16)));
  put(log, 0, 8);
  put(log, 2, 4);
  put(log, 0x0b, 2);
  put(log, 32, 2);
  put(log, 0x0c, 2);
  put(log, size_384, 2);
  put(log, 0, 1);
  return log;
}

base::Buffer record(const BootEvent& event, std::uint32_t type) {
  base::Buffer bytes;
  put(bytes, event.pcr, 4);
  put(bytes, type, 4);
  put(bytes, 2, 4);
  put(bytes, 0x0b, 2);
  base::append(bytes, event.sha256.view());
  put(bytes, 0x0c, 2);
  base::append(bytes, event.sha384.view());
  put(bytes, 3, 4);
  base::append(bytes, base::bytes_of("abc"));
  return bytes;
}

base::Buffer log_of(const std::vector<BootEvent>& events) {
  base::Buffer log = log_header();
  for (const BootEvent& event : events) base::append(log, record(event, 4));
  return log;
}

TEST(EventLog, ReplaysToThePcrsTheTpmHad) {
  for (const char* name : {"debian12-kernel6.12.txt", "debian13-kernel6.12.txt"}) {
    const RecordedBoot boot = read_boot(name);
    EXPECT_EQ(replay(parse_event_log(log_of(boot.events))), boot.pcrs) << name;
  }
}

TEST(EventLog, EndsAtPaddingOfZerosOrOnes) {
  const RecordedBoot boot = read_boot("debian12-kernel6.12.txt");
  base::Buffer zeros = log_of(boot.events);
  zeros.insert(zeros.end(), 100, 0);
  base::Buffer ones = log_of(boot.events);
  ones.insert(ones.end(), 100, 0xff);
  EXPECT_EQ(parse_event_log(zeros).events.size(), boot.events.size());
  EXPECT_EQ(parse_event_log(ones).events.size(), boot.events.size());
}

TEST(EventLog, StartsPcr0WithTheStartupLocality) {
  base::Buffer log = log_header();
  BootEvent event;
  base::Buffer bytes = record(event, 3);
  bytes.resize(bytes.size() - 7);
  put(bytes, 17, 4);
  base::append(bytes, base::bytes_of(std::string_view("StartupLocality\0\3", 17)));
  base::append(log, bytes);
  EXPECT_EQ(replay(parse_event_log(log)).sha256.at(0).bytes.back(), 3);
}

struct Malformed {
  std::string name, message;
  base::Buffer log;
};

std::vector<Malformed> malformed_logs() {
  base::Buffer truncated = log_of({BootEvent{}});
  truncated.pop_back();
  base::Buffer unknown_algorithm = log_of({BootEvent{}});
  unknown_algorithm[69 + 12] = 0x0d;
  base::Buffer repeated = log_of({BootEvent{}});
  repeated[69 + 12 + 34] = 0x0b;
  base::Buffer too_many = log_of({BootEvent{}});
  too_many[69 + 8] = 3;
  base::Buffer long_data = log_of({BootEvent{}});
  long_data[long_data.size() - 4] = 0x7f;
  base::Buffer signature = log_header();
  signature[32] = 'X';
  base::Buffer no_algorithms = log_header();
  no_algorithms[32 + 24] = 0;
  return {
      {"empty", "event log+0x0: needs 4 bytes, 0 left", {}},
      {"type of the first record", "first record has type EV_SEPARATOR, wanted EV_NO_ACTION", log_header(4)},
      {"size of SHA-384", "algorithm 0xc with digests of 32 bytes", log_header(3, 32)},
      {"signature", "signature is not 'Spec ID Event03'", signature},
      {"no algorithms", "0 digest algorithms, wanted 1 to 8", no_algorithms},
      {"truncated data", "needs 3 bytes, 2 left", truncated},
      {"algorithm not announced", "digest algorithm 0xd is repeated or not in the Spec ID record", unknown_algorithm},
      {"algorithm twice", "digest algorithm 0xb is repeated or not in the Spec ID record", repeated},
      {"digest count", "3 digests, wanted 2 as the Spec ID record says", too_many},
      {"data past the end", "needs", long_data}};
}

TEST(EventLog, RefusesMalformedLogsWithTheirPlace) {
  for (const Malformed& bad : malformed_logs()) {
    SCOPED_TRACE(bad.name);
    EXPECT_THAT([&] { parse_event_log(bad.log); }, testing::ThrowsMessage<base::Error>(testing::AllOf(
                                                       testing::HasSubstr("+0x"), testing::HasSubstr(bad.message))));
  }
}

const std::set<unsigned> all_pcrs{2, 3, 4, 5, 7, 9};

std::vector<BootEvent> named_events() {
  std::vector<BootEvent> events = read_boot("debian12-kernel6.12.txt").events;
  for (BootEvent& event : events) {
    event.what = "event of PCR " + std::to_string(event.pcr);
    event.provenance = Provenance::input_file;
  }
  return events;
}

TEST(FirstDifference, IsNoneForTheLogThatWasPredicted) {
  const std::vector<BootEvent> events = named_events();
  EXPECT_FALSE(first_difference(events, parse_event_log(log_of(events)), all_pcrs).has_value());
}

TEST(FirstDifference, NamesTheEventThatDiffers) {
  const std::vector<BootEvent> predicted = named_events();
  std::vector<BootEvent> real = predicted;
  for (BootEvent& event : real)
    if (event.pcr == 9) event.sha256.bytes[0] ^= 1U;
  const auto found = first_difference(predicted, parse_event_log(log_of(real)), all_pcrs);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->pcr, 9U);
  EXPECT_EQ(found->index, 0U);
  EXPECT_EQ(found->what, "event of PCR 9");
  EXPECT_THAT(found->text, testing::StartsWith("PCR 9 event 0 (event of PCR 9): got EV_SEPARATOR sha256:ad3b76cb"));
}

TEST(FirstDifference, FindsADifferenceOfOneBankOnly) {
  const std::vector<BootEvent> predicted = named_events();
  std::vector<BootEvent> real = predicted;
  real.back().sha384.bytes[0] ^= 1U;
  const auto found = first_difference(predicted, parse_event_log(log_of(real)), all_pcrs);
  ASSERT_TRUE(found.has_value());
  EXPECT_THAT(found->got, testing::HasSubstr("sha384:"));
}

TEST(FirstDifference, FindsMissingAndAdditionalEvents) {
  const std::vector<BootEvent> events = named_events();
  std::vector<BootEvent> fewer = events;
  fewer.pop_back();
  const auto missing = first_difference(events, parse_event_log(log_of(fewer)), all_pcrs);
  ASSERT_TRUE(missing.has_value());
  EXPECT_EQ(missing->got, "no event");
  const auto additional = first_difference(fewer, parse_event_log(log_of(events)), all_pcrs);
  ASSERT_TRUE(additional.has_value());
  EXPECT_EQ(additional->wanted, "no event");
  EXPECT_EQ(additional->pcr, 5U);
}

TEST(FirstDifference, LooksOnlyAtThePcrsAskedFor) {
  const std::vector<BootEvent> predicted = named_events();
  std::vector<BootEvent> real = predicted;
  for (BootEvent& event : real)
    if (event.pcr == 9) event.sha256.bytes[0] ^= 1U;
  EXPECT_FALSE(first_difference(predicted, parse_event_log(log_of(real)), {2, 4, 7}).has_value());
}

TEST(FirstDifference, ComparesOnlyTheTypeOfAnUnpredictableEvent) {
  BootEvent separator;
  separator.type = "EV_SEPARATOR";
  separator.sha256.bytes.fill(7);
  const EventLog log = parse_event_log(log_of({separator}));
  EXPECT_FALSE(first_difference({{0, "EV_SEPARATOR", "", Provenance::unpredictable, {}, {}}}, log, {0}).has_value());
  EXPECT_TRUE(first_difference({{0, "EV_ACTION", "", Provenance::unpredictable, {}, {}}}, log, {0}).has_value());
}

TEST(EventType, HasItsTcgName) {
  EXPECT_EQ(event_type_name(0x80000003), "EV_EFI_BOOT_SERVICES_APPLICATION");
  EXPECT_EQ(event_type_name(0x1234), "0x1234");
}

}  // namespace
}  // namespace measurement
