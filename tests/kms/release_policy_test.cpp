#include "kms/release_policy.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "tests/kms/samples.h"

namespace kms {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(ReleasePolicy, GivesTheKeyToTheGuestItIsFor) {
  EXPECT_THAT(refusals(samples::policy(), samples::guest()), IsEmpty());
  ReleasePolicy whole_pool = samples::policy();
  whole_pool.guest.reset();
  EXPECT_THAT(refusals(whole_pool, {{samples::acme, base::Pool::worker, 7}, std::string(64, 'b')}), IsEmpty());
}

TEST(ReleasePolicy, RefusesEveryOtherGuestAndSaysWhy) {
  const auto refused = [](const Requester& requester) { return refusals(samples::policy(), requester); };
  EXPECT_THAT(refused({{{"other"}, base::Pool::worker, 0}, samples::approved}),
              ElementsAre("tenant: got other, wanted acme"));
  EXPECT_THAT(refused({{samples::acme, base::Pool::control, 0}, samples::approved}),
              ElementsAre("pool: got control, wanted worker"));
  EXPECT_THAT(refused({{samples::acme, base::Pool::worker, 1}, samples::approved}),
              ElementsAre("guest: got 1, wanted 0"));
  EXPECT_THAT(refused({{samples::acme, base::Pool::worker, 0}, std::string(96, 'c')}),
              ElementsAre("measurement: got " + std::string(96, 'c') + ", wanted one of 2 approved"));
  EXPECT_THAT(refused({{{"other"}, base::Pool::control, 1}, ""}), SizeIs(4));
}

TEST(ReleasePolicy, WithoutMeasurementsGivesTheKeyToNobody) {
  ReleasePolicy policy = samples::policy();
  policy.measurements.clear();
  EXPECT_THAT(refusals(policy, samples::guest()), SizeIs(1));
}

TEST(ReleasePolicy, IsReadBack) {
  const base::Json json = to_json(samples::policy());
  EXPECT_EQ(parse_release_policy(json, "policy"), samples::policy());
}

TEST(ReleasePolicy, RefusesWhatIsNone) {
  const std::string digest(64, 'a');
  const std::string start = R"({"tenant":"acme","pool":"worker","guest":)";
  for (const std::string& text :
       {start + R"(null})", start + R"(-1,"measurements":[]})", start + R"(10000,"measurements":[]})",
        start + R"("0","measurements":[]})", start + R"(null,"measurements":["ab"]})",
        start + R"(null,"measurements":[")" + std::string(64, 'A') + R"("]})",
        start + R"(null,"measurements":[")" + digest + R"(",")" + digest + R"("]})",
        start + R"(null,"measurements":[],"anyone":true})",
        std::string(R"({"tenant":"acme","pool":"all","guest":null,"measurements":[]})"),
        std::string(R"({"pool":"worker","guest":null,"measurements":[]})")})
    EXPECT_THROW(parse_release_policy(base::Json::parse(text, "policy"), "policy"), base::Error) << text;
}

}  // namespace
}  // namespace kms
