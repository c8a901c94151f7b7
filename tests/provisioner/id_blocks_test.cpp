#include "provisioner/id_blocks.h"

#include <gmock/gmock.h>

#include "attestation/approval.h"
#include "base/encoding.h"
#include "base/error.h"
#include "provisioner/approval.h"
#include "provisioner/resources.h"
#include "tests/provisioner/sample_tenant.h"

namespace {

using measurement::SnpReferenceValues;
using provisioner::IdBlocks;
using provisioner::Intent;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

base::KeySigner id_key() {
  static const base::PrivateKey key = base::PrivateKey::generate(base::PrivateKey::Type::p384);
  return base::KeySigner(key);
}

/// Two guests in each pool; the pools have launch digests of their own.
Intent snp_intent() {
  tenants::Tenant tenant = sample::tenant();
  tenant.tee.value = base::Tee::snp;
  Intent intent = make_intent(tenant, sample::site_host(), sample::sources());
  provisioner::measure(intent, [](const provisioner::GuestIntent& guest) {
    SnpReferenceValues values;
    values.launch_digest.bytes[0] = guest.id.pool == base::Pool::worker ? 2 : 1;
    values.host_data = guest.initdata_sha256;
    values.policy = guest.launch->snp_policy;
    values.guest_svn = 4;
    values.identity =
        measurement::SnpIdentity{{}, {}, measurement::id_key_digest(base::p384_point(id_key().public_key())), {}};
    return reference_values_json(values);
  });
  return intent;
}

IdBlocks signed_blocks(const Intent& intent) {
  IdBlocks blocks;
  for (const auto& [pool, block] : id_blocks_to_sign(intent))
    blocks[pool] = {block, authenticate(block, id_key(), nullptr)};
  return blocks;
}

base::Envelope approved(const Intent& intent, const IdBlocks& blocks) {
  base::Envelope envelope;
  provisioner::approve(envelope, intent, std::nullopt, base::KeySigner(sample::owner_key("security")), blocks);
  return envelope;
}

template <typename Act>
std::string refusal(Act act) {
  try {
    act();
    return "(no refusal)";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::Kind::failure);
    return error.what();
  }
}

TEST(IdBlocks, AreOneForEachPool) {
  const auto blocks = id_blocks_to_sign(snp_intent());
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(blocks.at(base::Pool::control).launch_digest.bytes[0], 1);
  EXPECT_EQ(blocks.at(base::Pool::worker).launch_digest.bytes[0], 2);
  EXPECT_EQ(blocks.at(base::Pool::worker).guest_svn, 4U);
  EXPECT_EQ(blocks.at(base::Pool::worker).policy, 0x30000U);
  EXPECT_TRUE(id_blocks_to_sign(sample::whole_intent(sample::tenant())).empty());
}

TEST(IdBlocks, AreInTheApprovalThatApplyAndServiceRead) {
  const Intent intent = snp_intent();
  const base::Envelope envelope = approved(intent, signed_blocks(intent));
  EXPECT_NO_THROW(refuse_unapproved(intent, envelope, 0));
  EXPECT_EQ(provisioner::approved_id_blocks(envelope).size(), 2U);
  EXPECT_EQ(attestation::Approval::parse(envelope.payload).id_blocks.at("worker"),
            provisioner::approved_id_blocks(envelope).at(base::Pool::worker));
}

TEST(IdBlocks, AreSignedOnceHoweverManyOwnersApprove) {
  tenants::Tenant tenant = sample::tenant();
  Intent intent = snp_intent();
  intent.owners.push_back({"compliance", sample::owner_key("compliance").public_key().pem()});
  base::Envelope envelope = approved(intent, signed_blocks(intent));
  const std::string payload = envelope.payload;
  provisioner::approve(envelope, intent, std::nullopt, base::KeySigner(sample::owner_key("compliance")),
                       provisioner::approved_id_blocks(envelope));
  EXPECT_EQ(envelope.payload, payload);
  EXPECT_NO_THROW(refuse_unapproved(intent, envelope, 0));
}

/// One way an approval's ID blocks are not those of the plan, and words of the refusal.
struct Other {
  const char* name;
  void (*change)(IdBlocks& blocks);
  const char* message;
};
const Other others[] = {
    {"Missing", [](IdBlocks& b) { b.erase(base::Pool::worker); }, "\n  worker: missing"},
    {"OtherDigest", [](IdBlocks& b) { b[base::Pool::worker].block.launch_digest.bytes[0] = 9; },
     "\n  worker/0: launch digest: got 09"},
    {"OtherPolicy", [](IdBlocks& b) { b[base::Pool::control].block.policy = 0xb0000; },
     "\n  control/1: policy: got 0xb0000, wanted 0x30000"},
    {"OtherPool", [](IdBlocks& b) { std::swap(b[base::Pool::control], b[base::Pool::worker]); },
     "\n  worker/1: launch digest: got 01"},
    {"OtherKey",
     [](IdBlocks& b) {
       const base::KeySigner stranger(base::PrivateKey::generate(base::PrivateKey::Type::p384));
       auto& worker = b[base::Pool::worker];
       worker.authentication = authenticate(worker.block, stranger, nullptr);
     },
     "\n  worker/0: ID key's digest: got"},
    {"NotGenuine", [](IdBlocks& b) { b[base::Pool::worker].authentication.id.signature.s[5] ^= 1U; },
     "\n  worker/0: the ID key's signature over the ID block is not genuine"},
};

class OtherIdBlocks : public testing::TestWithParam<Other> {};

TEST_P(OtherIdBlocks, AreNeitherApprovedNorApplied) {
  const Intent intent = snp_intent();
  IdBlocks blocks = signed_blocks(intent);
  GetParam().change(blocks);
  EXPECT_THAT(refusal([&] { approved(intent, blocks); }), HasSubstr(GetParam().message));
  // As somebody with the owner's approval key, but without the ID key, could make it.
  base::Envelope envelope = approved(intent, signed_blocks(intent));
  envelope.payload = approval_payload(intent, std::nullopt, blocks);
  base::sign_envelope(envelope, base::KeySigner(sample::owner_key("security")));
  EXPECT_THAT(refusal([&] { refuse_unapproved(intent, envelope, 0); }), HasSubstr(GetParam().message));
}
INSTANTIATE_TEST_SUITE_P(Each, OtherIdBlocks, testing::ValuesIn(others),
                         [](const auto& row) { return row.param.name; });

TEST(IdBlocks, AreRefusedForGuestsThatAreLaunchedWithoutOne) {
  const Intent plain = sample::whole_intent(sample::tenant());
  EXPECT_THAT(refusal([&] { approved(plain, signed_blocks(snp_intent())); }),
              HasSubstr("control: its guests are launched without one"));
}

TEST(IdBlocks, StandInThePlannedDomainAndGetTheirSignatureFromTheApproval) {
  const Intent intent = snp_intent();
  const std::string text = approved(intent, signed_blocks(intent)).json().pretty();
  const provisioner::IdAuthentications known = provisioner::id_authentications(text);
  std::set<std::string> blocks;
  for (const provisioner::Resource& resource : resources_of(intent, sample::host_facts())) {
    if (resource.kind != provisioner::ResourceKind::domain) continue;
    const std::string& xml = resource.body.at("xml").text();
    EXPECT_THAT(xml, AllOf(HasSubstr("    <idBlock>"), Not(HasSubstr("idAuth")), Not(HasSubstr("authorKey"))));
    const std::string whole = provisioner::with_id_authentication(xml, known);
    const std::size_t block = whole.find("<idBlock>") + 9, end = whole.find("</idBlock>\n    <idAuth>");
    ASSERT_NE(end, std::string::npos);
    blocks.insert(whole.substr(block, end - block));
    EXPECT_THAT(whole,
                HasSubstr("<idAuth>" + known.at(whole.substr(block, end - block)) + "</idAuth>\n    <hostData>"));
    EXPECT_THAT(refusal([&] { provisioner::with_id_authentication(xml, {}); }),
                HasSubstr("no signature of the ID block"));
  }
  EXPECT_EQ(blocks.size(), 2U);
  EXPECT_EQ(provisioner::with_id_authentication("<domain/>", {}), "<domain/>");
  EXPECT_TRUE(provisioner::id_authentications("").empty());
}

}  // namespace
