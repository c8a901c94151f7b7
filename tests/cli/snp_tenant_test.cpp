#include <gmock/gmock.h>
#include <stdlib.h>

#include "attestation/approval.h"
#include "base/encoding.h"
#include "cli/approve.h"
#include "cli/measure.h"
#include "cli/plan.h"
#include "pinned_tenant.h"
#include "tests/measurement/firmware_image.h"

namespace cli {
namespace {

using base::Json;
using testing::HasSubstr;

constexpr const char* id_key_line = "      idKey: initech-id.pub\n";
constexpr const char* both_keys = "      idKey: initech-id.pub\n      authorKey: initech-author.pub\n";

/// `plan` and `approve` of an SNP tenant whose owner signs ID blocks.
class SnpTenant : public PinnedTenant {
 protected:
  SnpTenant() {
    make_id_key({file("initech-id")}, console_);
    make_author_key({file("initech-author")}, console_);
    base::write_file_atomically(file("firmware"), measurement::firmware_image::firmware(), 0644);
    ::setenv("XDG_CACHE_HOME", file("cache").c_str(), 1);
    tenant(id_key_line);
  }
  ~SnpTenant() override { ::unsetenv("XDG_CACHE_HOME"); }

  void tenant(const char* keys, const std::string& policy = "debug: false, guestSvn: 3, familyId: acme") {
    write_tenant("snp", "EPYC-Milan", keys, policy);
  }
  Json make_plan() {
    EXPECT_EQ(plan({.documents = pinned_documents(), .out = file(""), .offline = true}, console_), 2);
    return Json::parse(base::read_file(file("initech.plan.json")), "plan");
  }
  int approve_with(const IdSigningKeys& keys, const char* out = "approval") {
    return approve({.documents = pinned_documents(),
                    .plan = file("initech.plan.json"),
                    .keys = {file("initech-approval.key")},
                    .out = file(out),
                    .valid_days = {},
                    .id_keys = keys},
                   console_);
  }
  base::Error approve_refusal(const IdSigningKeys& keys) {
    return refusal([&] { approve_with(keys); });
  }
  [[nodiscard]] attestation::Approval approval(const char* name = "approval") const {
    return attestation::Approval::parse(base::Envelope::parse(base::read_file(file(name)), name).payload);
  }
  [[nodiscard]] std::string key(const char* name) const { return file(std::string("initech-") + name + ".key"); }
};

TEST_F(SnpTenant, IsApprovedWithIdBlocksOfWhatWasMeasured) {
  const Json planned = make_plan();
  EXPECT_EQ(approve_with({key("id"), std::nullopt}), 0);
  const attestation::Approval made = approval();
  ASSERT_EQ(made.id_blocks.size(), 2U);
  for (const attestation::ApprovedGuest& guest : made.guests) {
    const auto& values = std::get<measurement::SnpReferenceValues>(guest.reference_values);
    const std::string pool = guest.guest.substr(0, guest.guest.find('/'));
    EXPECT_THAT(id_block_problems(made.id_blocks.at(pool), values), testing::IsEmpty()) << guest.guest;
    EXPECT_EQ(values.guest_svn, 3U);
    EXPECT_EQ(values.vmm, "qemu");
    EXPECT_EQ(base::text_of(values.identity->family_id).substr(0, 5), std::string("acme\0", 5));
  }
  EXPECT_THAT(planned.at("ownerActions").compact(), HasSubstr("sign the ID block of control, worker"));
}

TEST_F(SnpTenant, IsApprovedWithWhatItsFileDemandsOfTheHardware) {
  tenant(id_key_line, "debug: false, smt: forbid, minimumTcb: {milan: {snp: 23, microcode: 219}}");
  const Json planned = make_plan();
  EXPECT_EQ(planned.at("intent").at("notBuilt").array().size(), 0U);
  EXPECT_EQ(approve_with({key("id"), std::nullopt}), 0);
  for (const attestation::ApprovedGuest& guest : approval().guests) {
    EXPECT_FALSE(guest.hardware.smt) << guest.guest;
    EXPECT_EQ(guest.hardware.minimum_tcb.at("milan").microcode, 219) << guest.guest;
  }
  tenant(id_key_line, "debug: false, smt: forbid");
  EXPECT_THAT(approve_refusal({}).what(), HasSubstr("hardware.minimumTcb"));
}

TEST_F(SnpTenant, HasTheIdBlockAndNoSignatureInItsPlan) {
  const std::string text = make_plan().pretty();
  EXPECT_THAT(text, HasSubstr("<idBlock>"));
  EXPECT_THAT(text, testing::Not(HasSubstr("idAuth")));
  EXPECT_THAT(text, testing::Not(HasSubstr("authorKey='yes'")));
  tenant(both_keys);
  EXPECT_THAT(make_plan().pretty(), HasSubstr("authorKey='yes'"));
}

TEST_F(SnpTenant, GetsTheSameSignatureForTheSameLaunch) {
  make_plan();
  approve_with({key("id"), std::nullopt}, "first");
  approve_with({key("id"), std::nullopt}, "second");
  EXPECT_EQ(approval("first").id_blocks, approval("second").id_blocks);
  tenant(id_key_line, "debug: false, guestSvn: 4, familyId: acme");
  make_plan();
  approve_with({key("id"), std::nullopt}, "third");
  EXPECT_NE(approval("first").id_blocks, approval("third").id_blocks);
}

TEST_F(SnpTenant, NeedsTheIdKeyOnceAndOnlyWhereThereIsAnIdBlock) {
  make_plan();
  EXPECT_THAT(approve_refusal({}).what(), HasSubstr("owner 'initech-security' approves first, with --id-key"));
  EXPECT_EQ(approve_with({key("id"), std::nullopt}), 0);
  EXPECT_EQ(approve_with({}), 0);  // signs again what is there
  tenant("", "debug: false");
  make_plan();
  std::filesystem::remove(file("approval"));
  EXPECT_EQ(approve_refusal({key("id"), std::nullopt}).kind(), base::Kind::usage);
  EXPECT_EQ(approve_with({}), 0);
  EXPECT_TRUE(approval().id_blocks.empty());
}

TEST_F(SnpTenant, IsRefusedWithOtherKeysThanItsFileNames) {
  make_plan();
  EXPECT_THAT(approve_refusal({key("author"), std::nullopt}).what(), HasSubstr("ID key's digest: got"));
  EXPECT_THAT(approve_refusal({key("id"), key("author")}).what(), HasSubstr("author key's digest: got"));
  EXPECT_FALSE(std::filesystem::exists(file("approval")));
  tenant(both_keys);
  make_plan();
  EXPECT_THAT(approve_refusal({key("id"), std::nullopt}).what(), HasSubstr("with --id-key and --author-key"));
  EXPECT_EQ(approve_with({key("id"), key("author")}), 0);
}

TEST_F(SnpTenant, NeedsKeysOnP384) {
  tenant("      idKey: other.pub\n");
  make_approval_key({file("other")}, console_);
  EXPECT_EQ(refusal([&] { make_plan(); }).kind(), base::Kind::malformed);
}

/// What a plan says of its first guest's launch: to the owner, and to the hypervisor.
struct Seen {
  std::string reference_values, domains;
};

Seen seen(const Json& plan) {
  Seen found{plan.at("intent").at("guests").array()[0].at("referenceValues").compact(), ""};
  for (const Json& resource : plan.at("resources").array())
    if (resource.at("kind").text() == "domain") found.domains += resource.at("body").compact();
  return found;
}

// The fields of an ID block that are none of the launch configuration's; launch_perturbation_test has those.
TEST_F(SnpTenant, ShowsEachFieldOfTheIdBlockInReferenceValuesAndDomain) {
  tenant(both_keys);
  const Seen before = seen(make_plan());
  const std::pair<const char*, const char*> changes[] = {
      {id_key_line, "debug: false, guestSvn: 3, familyId: acme"},
      {both_keys, "debug: false, guestSvn: 4, familyId: acme"},
      {both_keys, "debug: false, guestSvn: 3, familyId: acmf"},
      {both_keys, "debug: false, guestSvn: 3, familyId: acme, imageId: node"},
      {both_keys, "debug: false, guestSvn: 3, familyId: acme, smt: forbid"},
  };
  for (const auto& [keys, policy] : changes) {
    tenant(keys, policy);
    const Seen after = seen(make_plan());
    EXPECT_NE(after.reference_values, before.reference_values) << keys << policy;
    EXPECT_NE(after.domains, before.domains) << keys << policy;
  }
  // Another key signs the same block: seen in what a report must say, and the guest is launched again.
  tenant(id_key_line);
  const Seen one_key = seen(make_plan());
  std::filesystem::copy_file(file("initech-author.pub"), file("initech-id.pub"),
                             std::filesystem::copy_options::overwrite_existing);
  const Seen other_key = seen(make_plan());
  EXPECT_NE(other_key.reference_values, one_key.reference_values);
  EXPECT_NE(other_key.domains, one_key.domains);
}

TEST_F(SnpTenant, FollowsTheHostsProfile) {
  const std::string usual = make_plan().at("intent").at("guests").compact();
  write_site("vmm: qemu-legacy");
  const std::string legacy = make_plan().at("intent").at("guests").compact();
  EXPECT_THAT(usual, HasSubstr("\"vmm\":\"qemu\""));
  EXPECT_THAT(legacy, HasSubstr("\"vmm\":\"qemu-legacy\""));
  const auto digest = [](const std::string& text) { return text.substr(text.find("\"launchDigest\":"), 112); };
  EXPECT_NE(digest(usual), digest(legacy));
}

}  // namespace
}  // namespace cli
