#include "attestation/release_rules.h"

#include <gmock/gmock.h>

#include "attestation/appraise.h"
#include "base/crypto.h"
#include "fake_guest.h"

namespace attestation {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

ApprovedGuest with_volumes(ApprovedGuest guest, std::vector<std::string> volumes) {
  guest.volumes = std::move(volumes);
  return guest;
}

Approval approval_of(std::vector<ApprovedGuest> guests) {
  return {"acme", "emulated", {}, std::nullopt, std::move(guests)};
}

/// A TD whose RTMR1 and RTMR2 may each have two values.
ApprovedGuest td() {
  measurement::TdxReferenceValues values;
  values.rtmrs[0] = {base::sha384(base::bytes_of("hob"))};
  values.rtmrs[1] = {base::sha384(base::bytes_of("kernel")), base::sha384(base::bytes_of("kernel, seen otherwise"))};
  values.rtmrs[2] = {base::sha384(base::bytes_of("initrd")), base::sha384(base::bytes_of("initrd, seen otherwise"))};
  return {"worker/0", {}, values};
}

TEST(ReleaseRules, GiveEachGuestItsBootstrapSecretAndTheKeysOfItsVolumesAndNothingElse) {
  const fake::Guest worker("worker/3"), control("control/0");
  const auto rules =
      release_rules(approval_of({with_volumes(worker.approved(), {"data", "logs"}), control.approved()}));
  std::vector<std::string> names;
  for (const auto& [name, policy] : rules) names.push_back(name.text());
  EXPECT_THAT(names, ElementsAre("bootstrap/control/0", "bootstrap/worker/3", "worker/3/data", "worker/3/logs"));
  const kms::ReleasePolicy& policy = rules.at(volume_key("worker/3", "data"));
  EXPECT_EQ(policy.tenant.name, "acme");
  EXPECT_EQ(policy.pool, base::Pool::worker);
  EXPECT_EQ(policy.guest, 3U);
  EXPECT_EQ(policy.measurements, approved_measurements(worker.approved()));
}

TEST(ReleaseRules, KnowATpmGuestByTheRegistersThatTheApprovalNames) {
  fake::Guest guest("worker/0");
  const ApprovedGuest approved = guest.approved();
  const auto measured = [&] { return measurement_of(quoted_values(guest.evidence(base::Buffer(32))), approved); };
  EXPECT_THAT(approved_measurements(approved), ElementsAre(measured()));
  guest.plain = true;
  EXPECT_THAT(approved_measurements(approved), ElementsAre(measured())) << "without the SHA-384 bank";
  guest.events.at(3).data = "another initrd";
  EXPECT_THAT(approved_measurements(approved), testing::Not(ElementsAre(measured())));
}

TEST(ReleaseRules, KnowAnSnpGuestByItsLaunchDigest) {
  measurement::SnpReferenceValues values;
  values.launch_digest.bytes.fill(0xab);
  EXPECT_THAT(approved_measurements({"worker/0", {}, values}), ElementsAre(values.launch_digest.hex()));
}

TEST(ReleaseRules, TakeEveryCombinationOfTheValuesThatATdMayHave) {
  const std::set<kms::Measurement> allowed = approved_measurements(td());
  EXPECT_THAT(allowed, SizeIs(4));
  const QuotedValues quoted{{"MRTD", base::Sha384{}.hex()},
                            {"MRCONFIGID", "whatever"},
                            {"RTMR0", base::sha384(base::bytes_of("hob")).hex()},
                            {"RTMR1", base::sha384(base::bytes_of("kernel, seen otherwise")).hex()},
                            {"RTMR2", base::sha384(base::bytes_of("initrd")).hex()}};
  EXPECT_TRUE(allowed.contains(measurement_of(quoted, td())));
  QuotedValues another = quoted;
  another["RTMR2"] = quoted.at("RTMR1");
  EXPECT_FALSE(allowed.contains(measurement_of(another, td())));
  another.erase("RTMR2");
  EXPECT_FALSE(allowed.contains(measurement_of(another, td())));
}

TEST(ReleaseRules, ReadVolumesInPathsAndNothingElse) {
  const auto volume = volume_of_path_segment("worker-12-my-data");
  ASSERT_TRUE(volume);
  EXPECT_EQ(volume->guest, "worker/12");
  EXPECT_EQ(volume->volume, "my-data");
  for (const char* other : {"", "worker-0", "worker-0-", "worker-00-data", "other-0-data", "worker-0-Data",
                            "worker-0-a/b", "worker-0--data", "worker/0/data", "worker-0-0data"}) {
    EXPECT_FALSE(volume_of_path_segment(other)) << other;
  }
}

}  // namespace
}  // namespace attestation
