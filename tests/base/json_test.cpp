#include "base/json.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace base {
namespace {

// The value of Trustee's own unit test for canonical runtime data.
TEST(Json, WritesSortedCompactText) {
  EXPECT_EQ(Json::parse(R"({"b":1, "a":"test", "c":{"d":"e"}})", "x").compact(), R"({"a":"test","b":1,"c":{"d":"e"}})");
}

TEST(Json, WritesTheSameTextForTheSameValue) {
  Json json;
  json["z"] = 1;
  json["a"]["b"] = Json::Array{true, nullptr, "x", -5, 1.5};
  EXPECT_EQ(json.compact(), R"({"a":{"b":[true,null,"x",-5,1.5]},"z":1})");
  EXPECT_EQ(Json::parse(json.pretty(), "x"), json);
}

struct Malformed {
  std::string text, message;
};
class MalformedJson : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedJson, IsRefusedWithItsPlace) {
  try {
    (void)Json::parse(GetParam().text, "plan");
    FAIL() << "accepted " << GetParam().text;
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), GetParam().message);
    EXPECT_EQ(error.kind(), Kind::malformed);
  }
}

INSTANTIATE_TEST_SUITE_P(Table, MalformedJson,
                         testing::Values(Malformed{"", "plan: not JSON at byte 1"},
                                         Malformed{"{", "plan: not JSON at byte 2"},
                                         Malformed{"{} {}", "plan: not JSON at byte 4"},
                                         Malformed{R"({"a":1,"a":2})", "plan: duplicate member 'a'"},
                                         Malformed{"18446744073709551615", "plan: an integer is larger than 2^63-1"},
                                         Malformed{std::string(65, '['), "plan: nested deeper than 64"},
                                         Malformed{"[\"\xff\"]", "plan: not JSON at byte 3"},
                                         Malformed{"[01]", "plan: not JSON at byte 3"}));

TEST(Json, SaysWhichTypeItWantedAndGot) {
  const Json json = Json::parse(R"({"count":"four"})", "x");
  try {
    (void)json.at("count").integer();
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "wanted an integer, got a string");
  }
  EXPECT_THROW((void)json.at("size"), Error);
  EXPECT_EQ(json.find("size"), nullptr);
}

TEST(Json, RefusesUnknownMembersOfOurDocuments) {
  const Json json = Json::parse(R"({"a":1,"b":2})", "x");
  EXPECT_NO_THROW(expect_members(json, {"a", "b"}, "x"));
  EXPECT_THROW(expect_members(json, {"a"}, "x"), Error);
}

}  // namespace
}  // namespace base
