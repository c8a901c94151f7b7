#include "kms/service_setup.h"

#include <gmock/gmock.h>

#include "tests/kms/samples.h"

namespace kms {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> paths(const OpenBaoSetup& setup) {
  std::vector<std::string> all;
  for (const OpenBaoWrite& write : setup.writes) all.push_back(write.path);
  return all;
}

TEST(ServiceSetup, HasEnginesPolicyAndARoleForTheOneCertificate) {
  const OpenBaoSetup setup = openbao_setup(ServiceSetup{samples::acme, "acme", "cvm", "PEM"});
  EXPECT_THAT(paths(setup), testing::ElementsAre("sys/mounts/cvm/kv", "sys/mounts/cvm/transit",
                                                 "sys/policies/acl/bulkhead-acme-service", "sys/auth/cvm/cert",
                                                 "auth/cvm/cert/certs/service"));
  EXPECT_EQ(setup.writes.back().body.at("certificate").text(), "PEM");
  EXPECT_THAT(setup.writes[2].body.at("policy").text(),
              AllOf(HasSubstr("path \"cvm/transit/decrypt/*\""), Not(HasSubstr("path \"kv/")), Not(HasSubstr("sudo"))));
  EXPECT_THAT(openbao_script(setup),
              EndsWith("# The connection's login: {\"method\": \"certificate\", \"mount\": \"cvm/cert\", "
                       "\"role\": \"service\"}\n"));
}

TEST(ServiceSetup, WithoutACertificateSaysHowToMakeATokenAndMakesNone) {
  const OpenBaoSetup setup = openbao_setup(ServiceSetup{samples::acme, "", "", ""});
  EXPECT_THAT(paths(setup),
              testing::ElementsAre("sys/mounts/kv", "sys/mounts/transit", "sys/policies/acl/bulkhead-acme-service"));
  EXPECT_THAT(openbao_script(setup),
              HasSubstr("\n# bao token create -orphan -period=24h -policy='bulkhead-acme-service'"));
}

}  // namespace
}  // namespace kms
