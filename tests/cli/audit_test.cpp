#include <gmock/gmock.h>

#include "attestation/audit_log.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "tests/cli/run_command.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using testing::HasSubstr;

class AuditVerify : public testing::Test {
 protected:
  /// A log of two entries in a file, as a service writes it.
  [[nodiscard]] std::string written_log(const std::string& appended = "") const {
    std::string text;
    attestation::AuditLog log({}, [&](const std::string& line) { text += line + "\n"; });
    log.record(1, "started", {});
    log.record(2, "refused", {{"guest", "worker/0"}});
    base::write_file_atomically(folder_.file("audit.jsonl"), text + appended, 0600);
    return folder_.file("audit.jsonl");
  }

 private:
  tests::TemporaryFolder folder_;
};

TEST_F(AuditVerify, SaysHowLongTheChainIsAndItsHead) {
  const std::string path = written_log();
  const std::string head = attestation::check_audit_log(base::read_file(path)).head.hex();
  const Ran ran = run_command({"audit", "verify", path, "--head", head});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, path + ": 2 lines in an unbroken chain, head " + head + "\n");
  const base::Json json = base::Json::parse(run_command({"audit", "verify", path, "--json"}).out, "report");
  EXPECT_EQ(json.at("lines").integer(), 2);
  EXPECT_TRUE(json.at("problem").is_null());
}

TEST_F(AuditVerify, FailsForABrokenChainAndForAHeadThatIsGone) {
  const Ran broken = run_command({"audit", "verify", written_log("{\"previous\":\"00\"}\n")});
  EXPECT_EQ(broken.code, 1);
  EXPECT_THAT(broken.out, HasSubstr("line 3: does not continue line 2"));
  const Ran cut = run_command({"audit", "verify", written_log(), "--head", std::string(64, 'a')});
  EXPECT_EQ(cut.code, 1);
  EXPECT_THAT(cut.out, HasSubstr("lines were cut from its end"));
  EXPECT_EQ(run_command({"audit", "verify", written_log(), "--head", "aa"}).code, 64);
}

TEST_F(AuditVerify, TellsAKilledWritersLineFromABrokenChain) {
  const Ran ran = run_command({"audit", "verify", written_log("{\"event\":\"ref")});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("then a line without its end: its writer was killed"));
}

}  // namespace
}  // namespace cli
