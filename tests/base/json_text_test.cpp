#include "base/json_text.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace base {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(JsonText, GivesMembersAsTheyAreWritten) {
  const auto members =
      json_members(" { \"a\" : { \"x\":1.50, \"y\":[1, 2] } ,\n\"b,\\\":\\u0063\":\"}{\\\"\" } ", "it");
  ASSERT_EQ(members.size(), 2U);
  EXPECT_EQ(members[0].key, "a");
  EXPECT_EQ(members[0].value, "{ \"x\":1.50, \"y\":[1, 2] }");
  EXPECT_EQ(members[1].key, "b,\":c");
  EXPECT_EQ(members[1].value, "\"}{\\\"\"");
  EXPECT_THAT(json_members("{ }", "it"), IsEmpty());
  EXPECT_EQ(json_members("\xEF\xBB\xBF{\"a\":1}", "it").at(0).value, "1");
}

TEST(JsonText, GivesElementsAsTheyAreWritten) {
  EXPECT_THAT(json_elements("[ {\"a\":[1,2]} , \"x,]\", [] ]", "it"), ElementsAre("{\"a\":[1,2]}", "\"x,]\"", "[]"));
  EXPECT_THAT(json_elements("[]", "it"), IsEmpty());
}

TEST(JsonText, DropsWhiteSpaceBetweenTokensOnly) {
  EXPECT_EQ(without_white_space("{ \"a b\" : [ 1 ,\t\"x\\\" y\" ]\r\n}", "it"), "{\"a b\":[1,\"x\\\" y\"]}");
}

TEST(JsonText, RefusesWhatIsNoJsonOrOfAnotherKind) {
  for (const char* text : {"", "{", "{\"a\":1}}", "[1]", "\"{}\"", "{\"a\":1,\"a\":2}"})
    EXPECT_THROW(json_members(text, "it"), Error) << text;
  for (const char* text : {"", "[1", "{}", "[1,]"}) EXPECT_THROW(json_elements(text, "it"), Error) << text;
  EXPECT_THROW(without_white_space("{\"a\" 1}", "it"), Error);
}

}  // namespace
}  // namespace base
