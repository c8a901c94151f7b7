#include <gmock/gmock.h>

#include "base/posix_files.h"
#include "tests/cli/run_command.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// A copy of an example's tenant file with the tenant's CA beside it.
class KmsPolicy : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* ca : {"acme-ca", "acme-kms-ca"})
      ASSERT_EQ(run_command({"keys", "ca", "--tenant", "acme", "--out", folder.file(ca)}).code, 0);
  }
  /// @param kms the tenant file's, without braces
  Ran policy(const std::string& kms, std::vector<std::string> more = {}) const {
    std::string text = base::read_file(std::string(BULKHEAD_SOURCE_DIR) + "/examples/passport.yaml");
    const std::size_t begin = text.find("kms: {"), end = text.find('\n', begin);
    text.replace(begin, end - begin, "kms: {placement: owner, " + kms + "}");
    base::write_file_atomically(folder.file("acme.yaml"), text, 0644);
    std::vector<std::string> words{"kms", "policy", folder.file("acme.yaml")};
    words.insert(words.end(), more.begin(), more.end());
    return run_command(words);
  }
  tests::TemporaryFolder folder;
  const std::string openbao = R"(provider: openbao, url: "https://192.168.7.9:8200", ca: acme-kms-ca.pem, mount: cvm)";
};

TEST_F(KmsPolicy, IsForTheGuestsInThePassportModel) {
  const Ran ran = policy(openbao + ", model: passport");
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("'auth/cvm/cert/certs/control-0'"), HasSubstr("spiffe://acme/worker/0")));
}

TEST_F(KmsPolicy, IsForTheServiceInTheOther) {
  const Ran token = policy(openbao);
  ASSERT_EQ(token.code, 0) << token.err;
  EXPECT_THAT(token.out, AllOf(HasSubstr("'sys/mounts/cvm/transit'"), HasSubstr("bao token create -orphan")));
  const Ran certificate = policy(openbao + ", certificate: acme-ca.pem", {"--json"});
  ASSERT_EQ(certificate.code, 0) << certificate.err;
  EXPECT_THAT(certificate.out, AllOf(HasSubstr("bulkhead.kms-policy/v1"), HasSubstr("auth/cvm/cert/certs/service"),
                                     HasSubstr("BEGIN CERTIFICATE")));
}

TEST_F(KmsPolicy, IsRefusedForAnotherProviderAndForACertificateThatIsNone) {
  const Ran embedded = policy("provider: pkcs11, token: acme");
  EXPECT_EQ(embedded.code, 1);
  EXPECT_THAT(embedded.err, HasSubstr("wanted a tenant with kms: {provider: openbao}"));
  base::write_file_atomically(folder.file("none.pem"), std::string_view("-"), 0644);
  for (const char* file : {"none.pem", "nowhere.pem"}) {
    const Ran ran = policy(openbao + ", certificate: " + file);
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.err, HasSubstr(file));
    EXPECT_EQ(ran.out, "");
  }
}

}  // namespace
}  // namespace cli
