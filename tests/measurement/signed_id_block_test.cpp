#include "measurement/signed_id_block.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace measurement {
namespace {

using base::Json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

base::KeySigner signer() {
  return base::KeySigner(base::PrivateKey::generate(base::PrivateKey::Type::p384));
}

base::Sha384 digest_of(const base::Signer& signer) {
  return id_key_digest(base::p384_point(signer.public_key()));
}

/// What an owner with both keys approved of one pool's guests.
struct Approved {
  base::KeySigner id = signer(), author = signer();
  SnpReferenceValues values{LaunchDigest{{1, 2, 3}}, {}, 0x30000, 4, "qemu", std::nullopt};
  SignedIdBlock made;

  Approved() {
    values.identity = SnpIdentity{{'a', 'c', 'm', 'e'}, {7}, digest_of(id), digest_of(author)};
    made.block = id_block_of(values);
    made.authentication = authenticate(made.block, id, &author);
  }
  [[nodiscard]] std::vector<std::string> problems() const { return id_block_problems(made, values); }
};

TEST(SignedIdBlock, IsTheOneItsLaunchNeeds) {
  EXPECT_THAT(Approved().problems(), testing::IsEmpty());
}

TEST(SignedIdBlock, SurvivesJson) {
  const Approved approved;
  EXPECT_EQ(parse_signed_id_block(signed_id_block_json(approved.made)), approved.made);
}

/// One way a signed ID block is not the one the launch needs, and the start of the problem named for it.
struct Other {
  const char* name;
  void (*change)(Approved& approved);
  const char* problem;
};
const Other others[] = {
    {"Digest", [](Approved& a) { a.values.launch_digest.bytes[0] ^= 1U; }, "launch digest: got 0102"},
    {"Policy", [](Approved& a) { a.values.policy = 0xb0000; }, "policy: got 0x30000, wanted 0xb0000"},
    {"GuestSvn", [](Approved& a) { a.values.guest_svn = 5; }, "guest SVN: got 4, wanted 5"},
    {"Family", [](Approved& a) { a.values.identity->family_id[0] = 'b'; }, "family ID: got 61636d65"},
    {"Image", [](Approved& a) { a.values.identity->image_id[0] = 8; }, "image ID: got 07"},
    {"IdKey", [](Approved& a) { a.values.identity->id_key_digest = digest_of(a.author); }, "ID key's digest: got"},
    {"AuthorKey", [](Approved& a) { a.values.identity->author_key_digest = digest_of(a.id); },
     "author key's digest: got"},
    {"NoAuthorKey", [](Approved& a) { a.values.identity->author_key_digest.reset(); }, "author key's digest: got"},
    {"MissingAuthorKey", [](Approved& a) { a.made.authentication.author.reset(); }, "author key's digest: got none"},
    {"Signature", [](Approved& a) { a.made.authentication.id.signature.r[9] ^= 1U; },
     "the ID key's signature over the ID block is not genuine"},
    {"AuthorSignature", [](Approved& a) { a.made.authentication.author->signature.s[9] ^= 1U; },
     "the author key's signature over the ID key is not genuine"},
};

class OtherIdBlock : public testing::TestWithParam<Other> {};

TEST_P(OtherIdBlock, IsNamed) {
  Approved approved;
  GetParam().change(approved);
  EXPECT_THAT(approved.problems(), ElementsAre(StartsWith(GetParam().problem)));
}
INSTANTIATE_TEST_SUITE_P(Each, OtherIdBlock, testing::ValuesIn(others), [](const auto& row) { return row.param.name; });

TEST(SignedIdBlock, IsKeptForTheSameBlockAndKeysOnly) {
  const Approved approved;
  const base::P384Point id = base::p384_point(approved.id.public_key());
  const base::P384Point author = base::p384_point(approved.author.public_key());
  const IdAuthentication& made = approved.made.authentication;
  EXPECT_TRUE(authenticates(made, approved.made.block, id, author));
  EXPECT_FALSE(authenticates(made, approved.made.block, id, std::nullopt));
  EXPECT_FALSE(authenticates(made, approved.made.block, author, author));
  IdBlock other = approved.made.block;
  other.guest_svn = 9;
  EXPECT_FALSE(authenticates(made, other, id, author));
}

TEST(SignedIdBlock, RefusesMalformedDocuments) {
  const Json good = signed_id_block_json(Approved().made);
  const auto changed = [&](const std::function<void(Json&)>& change) {
    Json json = good;
    change(json);
    return json;
  };
  const std::pair<Json, const char*> cases[] = {
      {Json::Object{}, "missing member 'idBlock'"},
      {changed([](Json& j) { j.object().erase("idAuth"); }), "missing member 'idAuth'"},
      {changed([](Json& j) { j["policy"] = 1; }), "policy"},
      {changed([](Json& j) { j["idBlock"] = "?"; }), "idBlock is no base64"},
      {changed([](Json& j) { j["idBlock"] = "AAAA"; }), "ID block"},
      {changed([](Json& j) { j["idBlock"] = 7; }), "string"},
      {changed([](Json& j) { j["idAuth"] = j["idBlock"]; }), "ID authentication"},
  };
  for (const auto& [json, message] : cases) {
    try {
      parse_signed_id_block(json);
      ADD_FAILURE() << message;
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), base::Kind::malformed);
      EXPECT_THAT(error.what(), HasSubstr(message));
    }
  }
}

}  // namespace
}  // namespace measurement
