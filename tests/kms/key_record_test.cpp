#include "kms/key_record.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json.h"
#include "tests/kms/samples.h"

namespace kms {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

KeyRecord rotating() {
  KeyRecord record;
  record.state = KeyState::rotating;
  record.policy = samples::policy();
  record.current = {4, {1, 2, 3}};
  record.next = {6, {4, 5}};
  record.retired = {{2, {9}}};
  record.last_version = 6;
  return record;
}

TEST(KeyRecord, IsReadBack) {
  EXPECT_EQ(parse_record(record_text(rotating()), "record"), rotating());
  EXPECT_EQ(versions_with_material(rotating()), 3U);
}

TEST(KeyRecord, RefusesVersionsThatItsStateDoesNotHave) {
  const auto refusal = [](auto change, const char* message) {
    KeyRecord record = rotating();
    change(record);
    const std::string text = record_text(record);
    EXPECT_THAT([&] { parse_record(text, "record"); }, ThrowsMessage<base::Error>(HasSubstr(message))) << text;
  };
  refusal([](KeyRecord& r) { r.state = KeyState::in_use; }, "a next version in state in-use");
  refusal([](KeyRecord& r) { r.next.reset(); }, "no next version in state rotating");
  refusal([](KeyRecord& r) { r.current.reset(); }, "no current version in state rotating");
  refusal([](KeyRecord& r) { r.state = KeyState::destroyed; }, "a current version in state destroyed");
  refusal(
      [](KeyRecord& r) {
        r.state = KeyState::destroyed;
        r.current.reset();
        r.next.reset();
      },
      "retired versions in state destroyed");
  refusal([](KeyRecord& r) { r.last_version = 5; }, "never given");
  refusal([](KeyRecord& r) { r.current->number = 0; }, "never given");
}

TEST(KeyRecord, RefusesWhatIsNone) {
  const std::string good = record_text(rotating());
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[]"), good.substr(0, good.size() - 1), good + "x",
        changed("kms-key/v1", "kms-key/v2"), changed("\"rotating\"", "\"spinning\""), changed("AQID", "AQI"),
        changed("\"number\":4", "\"number\":-4"), changed("\"number\":4", "\"number\":4294967296"),
        changed("\"number\":4", "\"number\":\"4\""), changed("\"lastVersion\":6", "\"lastVersion\":6,\"more\":1"),
        changed("\"retired\":[", "\"retired\":[null,")})
    EXPECT_THROW(parse_record(text, "record"), base::Error) << text;
}

}  // namespace
}  // namespace kms
