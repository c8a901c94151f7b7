#include "cli/keys.h"

#include "base/posix_files.h"
#include "tests/cli/run_command.h"
#include "tests/cli/running_service.h"

namespace cli {
namespace {

using testing::HasSubstr;

class ServiceVerb : public testing::Test {
 protected:
  ServiceVerb() {
    base::write_new_secret_file(folder.file("ca.key"), acme.ca_key.pem());
    base::write_file_atomically(folder.file("ca.pem"), acme.tenant_ca, 0644);
  }
  tests::TemporaryFolder folder;
  Running acme{"acme", folder};
};

TEST_F(ServiceVerb, RotateGivesARunningServiceTheKeyThatTheOwnerMade) {
  const std::string file = folder.file("token.json"), before = acme.service.token_key_id();
  const Ran made = run_command({"keys", "token", "--tenant", "acme", "--ca", folder.file("ca.pem"), "--out", file});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(made.out, testing::Not(HasSubstr("PRIVATE")));
  const Ran ran = run_command({"service", "rotate", "acme", "--token-key", file, "--run", folder.path()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(acme.service.token_key_id(), before);
  EXPECT_THAT(ran.out, HasSubstr("signed with key " + acme.service.token_key_id()));
  const Ran again = run_command({"service", "rotate", "acme", "--token-key", file, "--run", folder.path()});
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.err, HasSubstr("it was one before"));
}

TEST_F(ServiceVerb, RotateRefusesAFileThatOthersMayRead) {
  const std::string file = folder.file("open.json");
  base::write_file_atomically(file, std::string_view("{}"), 0644);
  EXPECT_EQ(run_command({"service", "rotate", "acme", "--token-key", file, "--run", folder.path()}).code, 1);
}

}  // namespace
}  // namespace cli
