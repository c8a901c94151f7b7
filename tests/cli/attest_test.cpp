#include <gmock/gmock.h>

#include "tests/cli/run_command.h"

namespace cli {
namespace {

TEST(Attest, KeepsOrLiftsFencesAndNotBoth) {
  const Ran ran = run_command({"attest", "--fence", "--lift-fence"});
  EXPECT_EQ(ran.code, 64);
  EXPECT_THAT(ran.err, testing::HasSubstr("--lift-fence"));
}

}  // namespace
}  // namespace cli
