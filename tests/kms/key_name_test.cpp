#include "kms/key_name.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace kms {
namespace {

TEST(KeyName, IsAPathOfFewPlainParts) {
  for (const std::string& text : {std::string("root"), std::string("worker/0/root"), std::string("a/b/c/d"),
                                  std::string("0-"), std::string(40, 'v')})
    EXPECT_EQ(KeyName::parse(text).text(), text);
}

TEST(KeyName, RefusesWhatCouldLeaveItsPlaceInAPathOrUrl) {
  for (const char* text :
       {"", "/", "a/", "/a", "a//b", "..", "a/../b", "a/b/c/d/e", "-a", "A", "a b", "a%2fb", "a?b", "a\nb"})
    EXPECT_THROW(KeyName::parse(text), base::Error) << text;
  EXPECT_THROW(KeyName::parse(std::string(41, 'v')), base::Error);
  EXPECT_THROW(KeyName::parse(std::string_view("a\0b", 3)), base::Error);
}

}  // namespace
}  // namespace kms
