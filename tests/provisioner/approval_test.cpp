#include "provisioner/approval.h"

#include <gmock/gmock.h>

#include "attestation/approval.h"
#include "base/error.h"
#include "tests/provisioner/sample_plan.h"

namespace {

using base::Json;
using testing::ElementsAre;
using testing::HasSubstr;

using sample::intent;

void sign(base::Envelope& envelope, const char* owner) {
  provisioner::approve(envelope, intent(), std::nullopt, base::KeySigner(sample::owner_key(owner)));
}

template <typename Act>
std::string error_of(Act act) {
  try {
    act();
  } catch (const base::Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Approval, IsWhatTheServiceReads) {
  const attestation::Approval read = attestation::Approval::parse(provisioner::approval_payload(intent(), 1800000000));
  EXPECT_EQ(read.tenant, "acme");
  EXPECT_EQ(read.intent_digest, intent_digest(intent()));
  EXPECT_EQ(read.not_after, 1800000000);
  ASSERT_EQ(read.guests.size(), 2U);
  EXPECT_EQ(read.guests[1].guest, "worker/0");
  EXPECT_EQ(read.guests[1].initdata, intent().guests[1].initdata_sha256);
  EXPECT_EQ(measurement::reference_values_json(read.guests[1].reference_values), intent().guests[1].reference_values);
  EXPECT_THAT(read.guests[1].volumes, ElementsAre("data"));
}

TEST(Approval, SaysWhatIsDemandedOfTheHardwareBelowEachGuest) {
  provisioner::Intent demanding = intent();
  attestation::HardwarePolicy& worker = demanding.guests[1].hardware;
  worker.smt = false;
  worker.chips = {std::string(128, 'a')};
  worker.minimum_tcb["milan"].snp = std::uint8_t{24};
  const attestation::Approval read =
      attestation::Approval::parse(provisioner::approval_payload(demanding, std::nullopt));
  EXPECT_EQ(read.guests[0].hardware, attestation::HardwarePolicy{});
  EXPECT_EQ(read.guests[1].hardware, worker);
  EXPECT_NE(intent_digest(demanding), intent_digest(intent())) << "a demand is part of what owners approve";
}

TEST(Approval, NamesTheOwnersStillMissing) {
  base::Envelope envelope;
  sign(envelope, "compliance");
  EXPECT_THAT(provisioner::missing_owners(intent(), envelope), ElementsAre("security"));
  sign(envelope, "security");
  EXPECT_THAT(provisioner::missing_owners(intent(), envelope), testing::IsEmpty());
}

TEST(Approval, HoldsOneSignatureForEachOwnerHoweverOftenTheySign) {
  base::Envelope envelope;
  sign(envelope, "security");
  sign(envelope, "security");
  EXPECT_EQ(envelope.signatures.size(), 1U);
}

TEST(Approval, IsRefusedForAKeyThatIsNoOwners) {
  base::Envelope envelope;
  const base::KeySigner stranger(base::PrivateKey::generate(base::PrivateKey::Type::ed25519));
  EXPECT_THAT(error_of([&] { provisioner::approve(envelope, intent(), std::nullopt, stranger); }),
              HasSubstr("is the approvalKey of no owner of tenant 'acme'"));
  EXPECT_TRUE(envelope.signatures.empty());
}

TEST(Approval, IsNotAddedToForAnotherIntent) {
  base::Envelope envelope;
  sign(envelope, "security");
  provisioner::Intent other = intent();
  other.service.port = 9443;
  const base::KeySigner signer(sample::owner_key("compliance"));
  EXPECT_THAT(error_of([&] { provisioner::approve(envelope, other, std::nullopt, signer); }),
              HasSubstr("it is for intent " + intent_digest(intent()).hex()));
}

TEST(Approval, IsRefusedForAnUnresolvedIntent) {
  provisioner::Intent unbuilt = intent();
  unbuilt.guests[0].reference_values = Json();
  EXPECT_THAT(error_of([&] { provisioner::approval_payload(unbuilt, std::nullopt); }), HasSubstr("not resolved"));
}

/// One way to spoil a signed approval, and words of the refusal.
struct Spoiled {
  const char* name;
  void (*spoil)(base::Envelope& envelope);
  const char* message;
};

void replace_in_payload(base::Envelope& envelope, const std::string& from, const std::string& to) {
  envelope.payload.replace(envelope.payload.find(from), from.size(), to);
}

const Spoiled spoiled[] = {
    {"OtherType", [](base::Envelope& e) { e.payload_type = "text/plain"; }, "the payload's type is 'text/plain'"},
    {"NotJson", [](base::Envelope& e) { e.payload = "{"; }, "not JSON"},
    {"NoLastDay", [](base::Envelope& e) { e.payload = "{}"; }, "missing member 'notAfter'"},
    {"LastDayNoNumber", [](base::Envelope& e) { replace_in_payload(e, "\"notAfter\":null", "\"notAfter\":\"x\""); },
     "wanted an integer"},
    {"OtherTenant", [](base::Envelope& e) { replace_in_payload(e, "acme", "acmf"); }, "does not approve this plan"},
    {"OtherReferenceValue", [](base::Envelope& e) { replace_in_payload(e, "command line", "command lime"); },
     "not those of the plan's intent"},
    {"LaterLastDay", [](base::Envelope& e) { replace_in_payload(e, "\"notAfter\":null", "\"notAfter\":99"); },
     "lacks the signature of owner 'security', 'compliance'"},
    {"NoSignature", [](base::Envelope& e) { e.signatures.clear(); },
     "lacks the signature of owner 'security', 'compliance'"},
    {"OneSignature", [](base::Envelope& e) { e.signatures.pop_back(); }, "lacks the signature of owner 'compliance'"},
    {"BrokenSignature", [](base::Envelope& e) { e.signatures[0].signature[0] ^= 1U; },
     "lacks the signature of owner 'security'"},
    {"SwappedSignatures",
     [](base::Envelope& e) {
       std::swap(e.signatures[0].signature, e.signatures[1].signature);
       e.signatures[0].signature.clear();
     },
     "lacks the signature"},
};

class SpoiledApproval : public testing::TestWithParam<Spoiled> {};

TEST_P(SpoiledApproval, IsRefused) {
  base::Envelope envelope;
  sign(envelope, "security");
  sign(envelope, "compliance");
  EXPECT_NO_THROW(provisioner::refuse_unapproved(intent(), envelope, 0));
  GetParam().spoil(envelope);
  EXPECT_THAT(error_of([&] { provisioner::refuse_unapproved(intent(), envelope, 0); }), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(Each, SpoiledApproval, testing::ValuesIn(spoiled),
                         [](const auto& row) { return row.param.name; });

}  // namespace
