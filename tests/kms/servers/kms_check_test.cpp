#include <gmock/gmock.h>

#include "base/encoding.h"
#include "base/json.h"
#include "kms/embedded_store.h"
#include "tests/kms/samples.h"
#include "tests/kms/servers/local_server.h"
#include "tests/kms/servers/test_pki.h"

/// `bulkhead kms check` as a program, with its module. The servers' own checks are beside their tests.
namespace kms {
namespace {

using testing::HasSubstr;
using testing::Not;

class KmsCheckProgram : public testing::Test {
 protected:
  void SetUp() override {
    base::write_file_atomically(folder_.file("kek"), base::base64(base::Buffer(32, 7)), 0600);
    write_connection("embedded", base::Json::Object{{"store", "keys"}, {"keyFile", "kek"}});
  }
  void write_connection(const char* provider, base::Json at) const {
    const base::Json connection =
        base::Json::Object{{"schema", "bulkhead.kms-connection/v1"}, {"tenant", "acme"}, {provider, std::move(at)}};
    base::write_file_atomically(folder_.file("connection.json"), connection.pretty(), 0600);
  }
  [[nodiscard]] base::ProcessResult check(std::vector<std::string> more) const {
    std::vector<std::string> words{BULKHEAD_PROGRAM, "kms", "check", folder_.file("connection.json")};
    words.insert(words.end(), more.begin(), more.end());
    return base::run(words);
  }
  test_pki::Folder folder_;
};

TEST_F(KmsCheckProgram, TriesAKeysWholeLife) {
  const base::ProcessResult ran = check({"--try-key", "--json"});
  EXPECT_EQ(ran.exit_code, 0) << ran.errors << ran.output;
  const base::Json report = base::Json::parse(ran.output, "report");
  EXPECT_EQ(report.at("schema").text(), "bulkhead.kms-check/v1");
  EXPECT_EQ(report.at("findings").array().size(), 7U);
  EXPECT_THAT(check({}).output, HasSubstr(": destroyed, version 0"));
}

TEST_F(KmsCheckProgram, NamesAKeyThatNobodyMayHave) {
  ReleasePolicy policy = samples::policy();
  policy.measurements.clear();
  {
    FileStore store =
        open_embedded_store({samples::acme, folder_.file("keys"), 0}, read_key_encryption_key(folder_.file("kek")));
    store.keys.create(KeyName::parse("worker/0/root"), policy);
  }
  const base::ProcessResult ran = check({});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.output, HasSubstr("FAILED release rule of worker/0/root: no measurement is approved"));
}

TEST_F(KmsCheckProgram, SaysThatAServerIsNotReached) {
  folder_.make_ca("ca");
  folder_.issue("ca", "acme", "acme", "clientAuth");
  write_connection("openbao",
                   base::Json::Object{{"url", "https://127.0.0.1:" + std::to_string(local_server::free_port())},
                                      {"ca", folder_.file("ca.pem")},
                                      {"certificate", folder_.file("acme.pem")},
                                      {"privateKey", folder_.file("acme.key")},
                                      {"login", base::Json::Object{{"method", "certificate"}, {"role", "keys"}}}});
  const base::ProcessResult ran = check({});
  EXPECT_EQ(ran.exit_code, 1) << ran.errors;
  EXPECT_THAT(ran.output, HasSubstr("FAILED the keys are reached: kms openbao 127.0.0.1:"));
  EXPECT_THAT(ran.output, HasSubstr("connect to server"));
  EXPECT_THAT(ran.output, Not(HasSubstr("ok    ")));
}

}  // namespace
}  // namespace kms
