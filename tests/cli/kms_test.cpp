#include <gmock/gmock.h>

#include "base/posix_files.h"
#include "tests/cli/run_command.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using testing::HasSubstr;

TEST(KmsCheck, RefusesAConnectionThatIsNone) {
  EXPECT_EQ(run_command({"kms", "check"}).code, 64);
  const tests::TemporaryFolder folder;
  EXPECT_EQ(run_command({"kms", "check", folder.file("no-such-connection")}).code, 1);
  const std::string path = folder.file("connection.json");
  base::write_file_atomically(path, std::string_view(R"({"schema":"bulkhead.kms-connection/v2","tenant":"acme"})"),
                              0600);
  const Ran ran = run_command({"kms", "check", path});
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.err, HasSubstr("schema: got 'bulkhead.kms-connection/v2', wanted bulkhead.kms-connection/v1"));
}

}  // namespace
}  // namespace cli
