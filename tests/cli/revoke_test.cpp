#include <gmock/gmock.h>

#include "tests/cli/run_command.h"

namespace cli {
namespace {

using testing::HasSubstr;

class RevokeUsage : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(RevokeUsage, IsAnErrorBeforeTheServiceIsAsked) {
  std::vector<std::string> words{"revoke", "acme", "--run", "/nonexistent"};
  words.insert(words.end(), GetParam().begin(), GetParam().end());
  const Ran ran = run_command(words);
  EXPECT_EQ(ran.code, 64) << ran.err;
}
INSTANTIATE_TEST_SUITE_P(
    Table, RevokeUsage,
    testing::Values(std::vector<std::string>{}, std::vector<std::string>{"--guest", "worker"},
                    std::vector<std::string>{"--image", "abc"}, std::vector<std::string>{"--chip", "xyz"},
                    std::vector<std::string>{"--owner-key", std::string(96, 'a')},
                    std::vector<std::string>{"--guest", "worker/0", "--image", std::string(96, 'a')}));

TEST(Revoke, SaysWhenNoServiceAnswers) {
  const Ran ran = run_command({"revoke", "acme", "--run", "/nonexistent", "--image", std::string(96, 'A')});
  EXPECT_EQ(ran.code, 4);
  EXPECT_THAT(ran.err, HasSubstr("attestation service at /nonexistent/acme/admin.sock: "));
}

}  // namespace
}  // namespace cli
