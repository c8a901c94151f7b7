#include "attestation/hardware_policy.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace attestation {
namespace {

using testing::HasSubstr;

TEST(HardwarePolicy, IsReadAsItIsWritten) {
  HardwarePolicy policy;
  EXPECT_EQ(policy.json().compact(), "{}");
  policy.debug = policy.migration = policy.provisional_firmware = true;
  policy.smt = false;
  policy.chips = {std::string(128, 'a')};
  policy.vmpl = 2;
  policy.mr_owner.emplace().bytes.fill(3);
  policy.mr_owner_config.emplace().bytes.fill(4);
  policy.minimum_tcb["milan"] = {std::nullopt, 4, 0, 24, 219};
  policy.minimum_tcb["turin"] = {1, {}, {}, {}, {}};
  policy.tcb_statuses = {"UpToDate", "SWHardeningNeeded"};
  EXPECT_EQ(HardwarePolicy::parse(policy.json()), policy);
  EXPECT_EQ(HardwarePolicy::parse(base::Json(base::Json::Object{})), HardwarePolicy{});
}

struct Malformed {
  const char *text, *message;
};

class MalformedPolicy : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedPolicy, IsRefusedByItsMember) {
  try {
    HardwarePolicy::parse(base::Json::parse(GetParam().text, "policy"));
    ADD_FAILURE() << "accepted";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::Kind::malformed);
    EXPECT_THAT(error.what(), HasSubstr(GetParam().message));
  }
}
INSTANTIATE_TEST_SUITE_P(Table, MalformedPolicy,
                         testing::Values(Malformed{"[]", "wanted an object"}, Malformed{R"({"Debug":true})", "Debug"},
                                         Malformed{R"({"debug":1})", "debug: wanted true or false"},
                                         Malformed{R"({"vmpl":4})", "vmpl: wanted 0 to 3"},
                                         Malformed{R"({"mrOwner":"ab"})", "mrOwner: wanted 96"},
                                         Malformed{R"({"chips":[]})", "chips: empty"},
                                         Malformed{R"({"minimumTcb":{"rome":{}}})", "rome"},
                                         Malformed{R"({"minimumTcb":{"milan":{"snp":256}}})", "snp: wanted 0 to 255"},
                                         Malformed{R"({"minimumTcb":{"milan":{"uCode":1}}})", "uCode"}));

}  // namespace
}  // namespace attestation
