#include "attestation/approval.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace {

using namespace attestation;
using base::Json;
using testing::HasSubstr;

Approval example() {
  Approval approval{"acme", "emulated", {}, 1'900'000'000, {}};
  approval.intent_digest.bytes[0] = 7;
  measurement::TpmReferenceValues values;
  values.events.push_back(
      {4, "EV_EFI_BOOT_SERVICES_APPLICATION", "kernel", measurement::Provenance::input_file, {}, {}});
  values.pcrs = measurement::fold(values.events);
  approval.guests.push_back({"control/0", {}, values});
  approval.guests.push_back({"worker/0", {}, measurement::SnpReferenceValues{{}, {}, 0x30000, 1}});
  measurement::TdxReferenceValues td;
  for (const unsigned rtmr : {1U, 2U, 3U}) {
    td.events.push_back({rtmr, "EV_SEPARATOR", "separator", measurement::Provenance::firmware_constant, {}, {}});
    td.rtmrs.at(rtmr - 1) = {measurement::fold(td.events).sha384.at(rtmr)};
  }
  td.rtmrs[1].push_back({{7}});
  approval.guests.push_back({"worker/7", {}, td});
  static const base::KeySigner id(base::PrivateKey::generate(base::PrivateKey::Type::p384));
  static const measurement::SignedIdBlock block{{}, measurement::authenticate({}, id, nullptr)};
  approval.id_blocks["worker"] = block;
  return approval;
}

TEST(Approval, RoundTripsAndFindsItsGuests) {
  EXPECT_EQ(Approval::parse(example().json().compact()), example());
  EXPECT_EQ(std::get<measurement::SnpReferenceValues>(example().find("worker/0")->reference_values).policy, 0x30000U);
  EXPECT_EQ(example().find("worker/1"), nullptr);
}

TEST(Approval, RefusesMalformedDocuments) {
  const auto changed = [](const std::function<void(Json&)>& change) {
    Json json = example().json();
    change(json);
    return json.compact();
  };
  const struct {
    std::string text;
    const char* message;
  } cases[] = {
      {changed([](Json& j) { j["schema"] = "x"; }), "schema: wanted bulkhead.approval/v1"},
      {changed([](Json& j) { j["extra"] = 1; }), "extra"},
      {changed([](Json& j) { j["intentDigest"] = "00"; }), "intentDigest: wanted 64 hexadecimal digits"},
      {changed([](Json& j) { j["notAfter"] = "soon"; }), "notAfter: wanted an integer"},
      {changed([](Json& j) { j["guests"].array()[1]["guest"] = "control/0"; }), "control/0 is named twice"},
      {changed([](Json& j) { j["guests"].array()[1]["guest"] = "worker/01"; }), "wanted POOL/INDEX, got 'worker/01'"},
      {changed([](Json& j) { j["guests"].array()[0]["referenceValues"]["tpm"]["pcrs"]["sha256"]["24"] = ""; }),
       "control/0: reference values: sha256 has PCR '24', wanted 0 to 23"},
      {changed([](Json& j) { j["guests"].array()[0]["referenceValues"]["tpm"]["pcrs"]["sha256"]["4"] = "zz"; }),
       "PCR 4 is 'zz', wanted 64 lower-case hexadecimal digits"},
      {changed([](Json& j) { j["guests"].array()[0]["referenceValues"]["tpm"]["events"].array()[0]["pcr"] = -1; }),
       "pcr is -1, wanted 0 to 23"},
      {changed([](Json& j) {
         j["guests"].array()[0]["referenceValues"]["tpm"]["events"].array()[0]["provenance"] = "hearsay";
       }),
       "provenance is 'hearsay'"},
      {changed([](Json& j) { j["guests"].array()[1]["referenceValues"]["snp"]["policy"] = "x"; }), "worker/0: "},
      {changed([](Json& j) { j["guests"].array()[2]["referenceValues"]["tdx"]["mrtd"] = "00"; }),
       "worker/7: reference values: mrtd is '00', wanted 96 lower-case"},
      {changed([](Json& j) { j["guests"].array()[2]["referenceValues"]["tdx"].object().erase("mrConfigId"); }),
       "missing member 'mrConfigId'"},
      {changed([](Json& j) { j["guests"].array()[2]["referenceValues"]["tdx"]["rtmrs"].array().pop_back(); }),
       "rtmrs has 2 sets, wanted 3"},
      {changed([](Json& j) { j["guests"].array()[2]["referenceValues"]["tdx"]["rtmrs"].array()[1] = Json::Array{}; }),
       "the events do not fold to the first value of RTMR1"},
      {changed([](Json& j) { j["guests"].array()[2]["referenceValues"]["tdx"]["rtmr3"] = ""; }), "rtmr3"},
      {changed([](Json& j) { j["guests"].array()[2]["referenceValues"]["snp"] = Json(); }), "wanted exactly one of"},
      {changed([](Json& j) { j["guests"].array()[0]["volumes"] = "data"; }), "volumes: wanted a list"},
      {changed([](Json& j) { j["guests"].array()[0]["volumes"] = Json::Array{"a/b"}; }), "volumes: got 'a/b', wanted"},
      {changed([](Json& j) { j["idBlocks"]["gpu"] = j["idBlocks"]["worker"]; }), "gpu"},
      {changed([](Json& j) { j["idBlocks"]["worker"]["idBlock"] = "AAAA"; }), "idBlocks: worker: ID block"},
      {changed([](Json& j) { j["idBlocks"] = Json::Array{}; }), ""},
  };
  for (const auto& c : cases) {
    try {
      Approval::parse(c.text);
      ADD_FAILURE() << c.message;
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), base::Kind::malformed);
      EXPECT_THAT(error.what(), HasSubstr(c.message));
    }
  }
}

TEST(Approval, NamesTheOwnersWhoHaveNotSigned) {
  const auto first = base::PrivateKey::generate(base::PrivateKey::Type::ed25519);
  const auto second = base::PrivateKey::generate(base::PrivateKey::Type::p256);
  base::Envelope envelope = approval_envelope(example());
  base::sign_envelope(envelope, base::KeySigner(first));
  EXPECT_THAT(missing_signatures(envelope, {first.public_key(), second.public_key()}),
              testing::ElementsAre(second.public_key().fingerprint().hex()));
  EXPECT_THROW(verified_approval(envelope, {first.public_key(), second.public_key()}, "acme", 0), base::Error);
  base::sign_envelope(envelope, base::KeySigner(second));
  EXPECT_EQ(verified_approval(envelope, {first.public_key(), second.public_key()}, "acme", 0), example());
  EXPECT_THROW(verified_approval(envelope, {first.public_key()}, "zeta", 0), base::Error);
  EXPECT_THROW(verified_approval(envelope, {first.public_key()}, "acme", 1'900'000'001), base::Error);
  EXPECT_THROW(verified_approval(envelope, {}, "acme", 0), base::Error);
}

TEST(Approval, RefusesAChangedPayload) {
  const auto owner = base::PrivateKey::generate(base::PrivateKey::Type::ed25519);
  base::Envelope envelope = approval_envelope(example());
  base::sign_envelope(envelope, base::KeySigner(owner));
  envelope.payload.replace(envelope.payload.find("emulated"), 8, "EMULATED");
  EXPECT_THROW(verified_approval(envelope, {owner.public_key()}, "acme", 0), base::Error);
}

}  // namespace
