#include "provisioner/apply.h"

#include <gmock/gmock.h>

#include "provisioner/approval.h"
#include "tests/fakes/fake_host.h"
#include "tests/provisioner/sample_plan.h"

namespace {

using fakes::FakeHost;
using provisioner::ResourceKind;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const base::TenantId acme{"acme"};

base::Envelope approved(const provisioner::Intent& intent,
                        const std::vector<std::string>& owners = {"security", "compliance"}) {
  base::Envelope envelope;
  for (const std::string& owner : owners) {
    provisioner::approve(envelope, intent, std::nullopt, base::KeySigner(sample::owner_key(owner)));
  }
  return envelope;
}

/// Applies the sample plan to a host whose files are as they were approved, unless a test changes one of these.
struct Site {
  FakeHost host;
  provisioner::Plan plan = sample::plan();
  provisioner::ApplyInputs inputs{.approval = approved(plan.intent), .digest_of = [this](const std::string& path) {
                                    return sample::digest(contents.at(path));
                                  }};
  std::map<std::string, std::string> contents{
      {"/image/kernel", "kernel"}, {"/image/root", "root"}, {"/store/kernel", "kernel"}};
  std::vector<std::string> told;

  provisioner::Applied apply() {
    return provisioner::apply(plan, inputs, host, [this](const std::string& line) { told.push_back(line); });
  }
  /// The error an apply ends with.
  base::Error refusal() {
    try {
      apply();
    } catch (const base::Error& error) {
      return error;
    }
    return {base::Kind::usage, "apply succeeded"};
  }
  void plan_again() { plan = sample::plan(observe(host, acme)); }
};

TEST(Apply, MakesEveryKindOfResourceInOrder) {
  Site site;
  const provisioner::Applied applied = site.apply();
  EXPECT_EQ(applied.created, provisioner::resource_kinds);
  ASSERT_EQ(site.host.log.size(), provisioner::resource_kinds);
  EXPECT_EQ(site.host.log.front(), "make hostFilter acme-hostFilter");
  EXPECT_EQ(site.host.log.back(), "make domain acme-domain");
}

TEST(Apply, TellsEachStepWithItsNumber) {
  Site site;
  site.apply();
  EXPECT_EQ(site.told.front(), "[ 1/12] create hostFilter acme-hostFilter");
  EXPECT_EQ(site.told.back(), "[12/12] create domain acme-domain");
}

TEST(Apply, ChangesNothingTheSecondTime) {
  Site site;
  site.apply();
  site.host.log.clear();
  EXPECT_FALSE(site.apply().changed());
  EXPECT_THAT(site.host.log, testing::IsEmpty());
}

TEST(Apply, LeavesGuestsForTheNextOneWhenItShall) {
  Site site;
  site.inputs.guests = provisioner::Guests::leave;
  const provisioner::Applied applied = site.apply();
  EXPECT_EQ(applied.created, provisioner::resource_kinds - 1);
  EXPECT_EQ(applied.left, 1U);
  EXPECT_EQ(site.told.back(), "[11/11] create guestKey acme-guestKey");
  EXPECT_EQ(site.apply().left, 1U) << "however often";
  site.inputs.guests = provisioner::Guests::start;
  EXPECT_EQ(site.apply().created, 1U) << "by the same plan";
  EXPECT_EQ(site.host.log.back(), "make domain acme-domain");
  site.inputs.guests = provisioner::Guests::leave;
  EXPECT_EQ(site.apply().left, 0U) << "it runs";
}

TEST(Apply, GoesOnWhereAnEarlierRunWasKilled) {
  Site site;
  site.apply();
  site.host.things.erase({ResourceKind::domain, "acme-domain"});
  site.host.things.erase({ResourceKind::bridge, "acme-bridge"});
  site.host.log.clear();
  site.apply();
  EXPECT_THAT(site.host.log, testing::ElementsAre("make bridge acme-bridge", "make domain acme-domain"));
}

TEST(Apply, RepairsOnlyWhatDrifted) {
  Site site;
  site.apply();
  site.host.things.at({ResourceKind::service, "acme-service"}).drift = "not running";
  site.host.log.clear();
  EXPECT_EQ(site.apply().replaced, 1U);
  EXPECT_THAT(site.host.log, testing::ElementsAre("replace service acme-service"));
}

TEST(Apply, RemovesWhatIsNoLongerWantedAfterMakingTheRest) {
  Site site;
  site.host.things[{ResourceKind::domain, "acme-old"}] = {acme, sample::digest("old"), ""};
  site.plan_again();
  EXPECT_EQ(site.apply().removed, 1U);
  EXPECT_EQ(site.host.log.back(), "remove domain acme-old");
}

TEST(Apply, KeepsTheNewWhenTheOldCannotBeRemoved) {
  Site site;
  site.host.things[{ResourceKind::domain, "acme-old"}] = {acme, sample::digest("old"), ""};
  site.host.remove_fails_for = "acme-old";
  site.plan_again();
  EXPECT_THAT(site.refusal().what(), HasSubstr("remove domain acme-old: Device or resource busy"));
  EXPECT_EQ(site.host.things.size(), provisioner::resource_kinds + 1);
}

class ApplyFailingAt : public testing::TestWithParam<int> {};

TEST_P(ApplyFailingAt, TakesBackEverythingInReverse) {
  Site site;
  site.host.fails_at = GetParam();
  const base::Error error = site.refusal();
  EXPECT_EQ(error.kind(), base::Kind::host);
  EXPECT_THAT(error.what(),
              AllOf(HasSubstr("No space left on device"), HasSubstr("everything this run did is taken back")));
  EXPECT_TRUE(site.host.things.empty());
  if (GetParam() > 0) {
    EXPECT_EQ(site.host.log.back(), "undo hostFilter acme-hostFilter");
  }
}

TEST_P(ApplyFailingAt, LeavesAnEarlierStateAsItWas) {
  Site site;
  for (const provisioner::Resource& resource : sample::resources()) {
    site.host.things[{resource.kind, resource.name}] = {acme, sample::digest("older"), ""};
  }
  const auto before = site.host.things;
  site.plan_again();
  site.host.fails_at = GetParam();
  site.refusal();
  EXPECT_EQ(site.host.things, before);
}

INSTANTIATE_TEST_SUITE_P(EveryStep, ApplyFailingAt, testing::Range(0, static_cast<int>(provisioner::resource_kinds)));

TEST(Apply, NamesWhatItCouldNotTakeBack) {
  Site site;
  site.host.fails_at = 4;
  site.host.undo_fails_for = "acme-router";
  EXPECT_THAT(site.refusal().what(),
              HasSubstr("could not be taken back:\n  create router acme-router: Device or resource busy"));
  EXPECT_EQ(site.host.things.size(), 1U);
}

TEST(Apply, RefusesAPlanThatIsNotResolved) {
  Site site;
  site.plan.intent.files[0].sha256.reset();
  EXPECT_THAT(site.refusal().what(), HasSubstr("not resolved"));
  EXPECT_TRUE(site.host.log.empty());
}

TEST(Apply, RefusesWhatTheDocumentAsksForAndThisVersionCannotDo) {
  Site site;
  site.plan.intent.not_built = {"spec.quota: quotas"};
  EXPECT_THAT(site.refusal().what(), HasSubstr("cannot do:\n  spec.quota: quotas"));
}

TEST(Apply, NamesTheOwnerWhoseSignatureIsMissing) {
  Site site;
  site.inputs.approval = approved(site.plan.intent, {"security"});
  const base::Error error = site.refusal();
  EXPECT_EQ(error.kind(), base::Kind::failure);
  EXPECT_THAT(error.what(), AllOf(HasSubstr("'compliance'"), Not(HasSubstr("'security'"))));
  EXPECT_TRUE(site.host.log.empty());
}

TEST(Apply, RefusesAnApprovalOfAnotherIntent) {
  Site site;
  provisioner::Intent other = site.plan.intent;
  other.guests[0].launch->vcpus = 2;
  site.inputs.approval = approved(other);
  EXPECT_THAT(site.refusal().what(), HasSubstr("it is for intent " + intent_digest(other).hex()));
}

TEST(Apply, RefusesAnApprovalAfterItsLastDay) {
  Site site;
  base::Envelope envelope;
  for (const char* owner : {"security", "compliance"}) {
    provisioner::approve(envelope, site.plan.intent, 1000, base::KeySigner(sample::owner_key(owner)));
  }
  site.inputs.approval = envelope;
  site.inputs.now = 1001;
  EXPECT_THAT(site.refusal().what(), HasSubstr("ended at 1000"));
}

TEST(Apply, RefusesAStalePlanNamingWhatChanged) {
  Site site;
  site.host.things[{ResourceKind::bridge, "acme-bridge"}] = {acme, sample::digest("changed"), ""};
  site.host.things[{ResourceKind::volume, "acme-extra"}] = {acme, sample::digest("extra"), ""};
  const base::Error error = site.refusal();
  EXPECT_EQ(error.kind(), base::Kind::failure);
  EXPECT_THAT(error.what(), AllOf(HasSubstr("stale"), HasSubstr("bridge 'acme-bridge'"),
                                  HasSubstr("volume 'acme-extra': is not in the plan")));
  EXPECT_TRUE(site.host.log.empty());
}

TEST(Apply, NeverReusesANamesakeThatIsNotTheTenants) {
  Site site;
  site.host.foreign.insert({ResourceKind::network, "acme-network"});
  site.host.things[{ResourceKind::router, "acme-router"}] = {{"globex"}, sample::digest("theirs"), ""};
  EXPECT_THAT(site.refusal().what(), AllOf(HasSubstr("network 'acme-network'"), HasSubstr("router 'acme-router'")));
  EXPECT_EQ(site.host.things.size(), 1U);
}

TEST(Apply, RefusesAChangedSourceFileNamingFileGotAndWanted) {
  Site site;
  site.contents["/image/kernel"] = "kernel, one byte changed";
  const base::Error error = site.refusal();
  EXPECT_EQ(error.kind(), base::Kind::failure);
  EXPECT_THAT(error.what(), AllOf(HasSubstr("/image/kernel"), HasSubstr(sample::digest("kernel").hex()),
                                  HasSubstr(sample::digest("kernel, one byte changed").hex())));
  EXPECT_TRUE(site.host.log.empty());
}

TEST(Apply, RefusesAChangedInstalledBootFile) {
  Site site;
  site.apply();
  site.contents["/store/kernel"] = "tampered";
  EXPECT_THAT(site.refusal().what(), HasSubstr("/store/kernel: sha256 got"));
}

TEST(Apply, LooksAtTheBootFilesOnceMoreBeforeAGuestStarts) {
  Site site;
  site.contents["/store/kernel"] = "tampered while it was copied";
  EXPECT_THAT(site.refusal().what(), HasSubstr("/store/kernel: sha256 got"));
  EXPECT_TRUE(site.host.things.empty());
}

TEST(Apply, ListsEveryMissingFeatureOfAHostWithoutTheHardware) {
  Site site;
  site.plan.intent.tee = base::Tee::snp;
  site.inputs.approval = approved(site.plan.intent);
  site.inputs.probe = {{"SEV-SNP in KVM", false, "kvm_amd is not loaded", "use an EPYC host"},
                       {"libvirt", true, "11.3.0", ""},
                       {"SNP firmware", false, "no file", "install ovmf-amdsev"}};
  const base::Error error = site.refusal();
  EXPECT_EQ(error.kind(), base::Kind::host);
  EXPECT_THAT(error.what(),
              AllOf(HasSubstr("use an EPYC host"), HasSubstr("install ovmf-amdsev"), Not(HasSubstr("11.3.0"))));
  EXPECT_TRUE(site.host.log.empty());
}

TEST(Destroy, RemovesOnlyTheTenantsOwnInReverse) {
  Site site;
  site.apply();
  const provisioner::ResourceKey theirs{ResourceKind::router, "globex-router"};
  site.host.things[theirs] = {{"globex"}, sample::digest("theirs"), ""};
  site.host.log.clear();
  EXPECT_EQ(provisioner::destroy(acme, site.host, [](const std::string&) {}), provisioner::resource_kinds);
  EXPECT_EQ(site.host.log.front(), "remove domain acme-domain");
  EXPECT_EQ(site.host.log.back(), "remove hostFilter acme-hostFilter");
  EXPECT_EQ(site.host.things.size(), 1U);
  EXPECT_TRUE(site.host.things.contains(theirs));
}

TEST(Destroy, GoesOnAfterAFailureAndNamesWhatIsLeft) {
  Site site;
  site.apply();
  site.host.remove_fails_for = "acme-volume";
  try {
    provisioner::destroy(acme, site.host, [](const std::string&) {});
    FAIL() << "nothing was thrown";
  } catch (const base::Error& error) {
    EXPECT_STREQ(error.what(), "these could not be removed:\n  volume acme-volume: Device or resource busy");
  }
  EXPECT_EQ(site.host.things.size(), 1U);
}

}  // namespace
