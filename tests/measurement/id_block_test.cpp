#include "measurement/id_block.h"

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

base::Json facts(const char* origin) {
  const base::Buffer text = testing_files::read(testing_files::data() / "id-block" / "facts.json");
  return base::Json::parse(base::text_of(text), "facts.json").at(origin);
}

base::P384Point point(const base::Json& pem) {
  return base::p384_point(base::PublicKey::from_pem(pem.text(), "fact"));
}
base::P384Number number(const base::Json& hex) {
  const base::Buffer bytes = base::from_hex(hex.text()).value();
  base::P384Number number{};
  std::copy(bytes.begin(), bytes.end(), number.begin());
  return number;
}
base::P384Signature signature(const base::Json& pair) {
  return {number(pair.at("r")), number(pair.at("s"))};
}

class IdBlockFacts : public testing::TestWithParam<const char*> {};

TEST_P(IdBlockFacts, AreMatchedByBlockAndKeyDigests) {
  const base::Json known = facts(GetParam());
  const IdBlock block{.launch_digest = LaunchDigest::parse(known.at("launchDigest").text()).value()};
  EXPECT_EQ(base::hex(id_block_bytes(block)), known.at("idBlock").text());
  EXPECT_EQ(parse_id_block(id_block_bytes(block)), block);
  EXPECT_EQ(id_key_digest(point(known.at("idKeyPem"))).hex(), known.at("idKeyDigest").text());
  EXPECT_EQ(id_key_digest(point(known.at("authorKeyPem"))).hex(), known.at("authorKeyDigest").text());
}
INSTANTIATE_TEST_SUITE_P(Of, IdBlockFacts, testing::Values("virteeSev", "sevSnpMeasure"));

/// virtee/sev's block and authentication.
struct Signed {
  IdBlock block;
  IdAuthentication authentication;
};
Signed virtee() {
  const base::Json known = facts("virteeSev");
  return {parse_id_block(base::from_hex(known.at("idBlock").text()).value()),
          {{point(known.at("idKeyPem")), signature(known.at("idBlockSignature"))},
           IdSignature{point(known.at("authorKeyPem")), signature(known.at("idKeySignature"))}}};
}

TEST(IdAuthentication, IsVirteesToTheByte) {
  const base::Buffer bytes = id_authentication_bytes(virtee().authentication);
  EXPECT_EQ(base::sha256(bytes).hex(), facts("virteeSev").at("authenticationSha256").text());
  EXPECT_EQ(parse_id_authentication(bytes), virtee().authentication);
}

TEST(IdAuthentication, OfVirteeIsGenuineUntilAnythingChanges) {
  const Signed known = virtee();
  EXPECT_TRUE(verify(known.block, known.authentication).genuine());
  Signed changed = known;
  changed.block.guest_svn = 1;
  EXPECT_FALSE(verify(changed.block, changed.authentication).id_block_signed);
  EXPECT_TRUE(verify(changed.block, changed.authentication).id_key_signed.value());
  changed = known;
  changed.authentication.author->signature.s[47] ^= 1U;
  EXPECT_FALSE(verify(changed.block, changed.authentication).genuine());
  changed = known;
  std::swap(changed.authentication.id.key, changed.authentication.author->key);
  EXPECT_FALSE(verify(changed.block, changed.authentication).genuine());
  changed = known;
  changed.authentication.id.key.x[0] ^= 1U;
  EXPECT_FALSE(verify(changed.block, changed.authentication).id_block_signed) << "no point of the curve";
}

TEST(IdAuthentication, IsMadeWithAndWithoutAnAuthorKey) {
  const base::KeySigner id(base::PrivateKey::generate(base::PrivateKey::Type::p384));
  const base::KeySigner author(base::PrivateKey::generate(base::PrivateKey::Type::p384));
  const IdBlock block{.family_id = {1}, .image_id = {2}, .guest_svn = 7, .policy = 0xb0000};
  const IdAuthentication both = parse_id_authentication(id_authentication_bytes(authenticate(block, id, &author)));
  EXPECT_TRUE(verify(block, both).id_key_signed.value());
  const base::Buffer alone = id_authentication_bytes(authenticate(block, id, nullptr));
  EXPECT_EQ(alone[4], 0) << "no author key algorithm";
  EXPECT_TRUE(std::all_of(alone.begin() + 0x680, alone.end(), [](std::uint8_t byte) { return byte == 0; }));
  EXPECT_FALSE(parse_id_authentication(alone).author.has_value());
  EXPECT_TRUE(verify(block, parse_id_authentication(alone)).genuine());
}

TEST(IdAuthentication, RefusesKeysOfOtherCurves) {
  const base::KeySigner p256(base::PrivateKey::generate(base::PrivateKey::Type::p256));
  EXPECT_THAT([&] { authenticate({}, p256, nullptr); },
              ThrowsMessage<base::Error>(HasSubstr("wanted an EC P-384 key")));
}

/// Numbers that begin with a zero byte, or with many, keep their place: bytes reversed, zeros after them.
TEST(IdAuthentication, KeepsLeadingZerosOfEveryNumber) {
  base::P384Number number{};
  for (std::size_t zeros = 0; zeros <= number.size(); ++zeros) {
    number.fill(0);
    for (std::size_t i = zeros; i < number.size(); ++i) number[i] = static_cast<std::uint8_t>(i + 1);
    const IdAuthentication written{{{number, number}, {number, number}},
                                   IdSignature{{number, number}, {number, number}}};
    const base::Buffer bytes = id_authentication_bytes(written);
    for (const std::size_t at : {0x40U, 0x40U + 72, 0x244U, 0x244U + 72, 0x680U, 0x680U + 72, 0x884U, 0x884U + 72})
      for (std::size_t i = 0; i < 72; ++i)
        ASSERT_EQ(bytes[at + i], i < 48 ? number[47 - i] : 0) << zeros << " zeros, at " << at + i;
    if (zeros < number.size()) {
      EXPECT_EQ(parse_id_authentication(bytes), written) << zeros;
    }
  }
}

constexpr int most_tries = 20'000;  // one number in 256 begins with a zero byte

class LeadingZero : public testing::TestWithParam<const char*> {};

TEST_P(LeadingZero, InAPublicKeyVerifiesAfterEncoding) {
  const auto number = GetParam()[1] == 'X' ? &base::P384Point::x : &base::P384Point::y;
  for (int tries = 0; tries < most_tries; ++tries) {
    const base::KeySigner id(base::PrivateKey::generate(base::PrivateKey::Type::p384));
    if ((base::p384_point(id.public_key()).*number)[0] != 0) continue;
    const base::Buffer bytes = id_authentication_bytes(authenticate({}, id, &id));
    EXPECT_TRUE(verify({}, parse_id_authentication(bytes)).genuine());
    return;
  }
  FAIL() << "no key with such a number";
}
INSTANTIATE_TEST_SUITE_P(Keys, LeadingZero, testing::Values("QX", "QY"), [](const auto& name) { return name.param; });

class LeadingZeroSignature : public testing::TestWithParam<const char*> {};

TEST_P(LeadingZeroSignature, VerifiesAfterEncoding) {
  const auto number = GetParam()[0] == 'R' ? &base::P384Signature::r : &base::P384Signature::s;
  const base::KeySigner id(base::PrivateKey::generate(base::PrivateKey::Type::p384));
  for (IdBlock block; block.guest_svn < most_tries; ++block.guest_svn) {
    const IdAuthentication made = authenticate(block, id, nullptr);
    if ((made.id.signature.*number)[0] != 0) continue;
    EXPECT_TRUE(verify(block, parse_id_authentication(id_authentication_bytes(made))).genuine());
    return;
  }
  FAIL() << "no signature with such a number";
}
INSTANTIATE_TEST_SUITE_P(Numbers, LeadingZeroSignature, testing::Values("R", "S"),
                         [](const auto& name) { return name.param; });

struct Damage {
  const char* name;
  std::size_t at;
  std::uint8_t value;
  const char* message;
};
class DamagedIdAuthentication : public testing::TestWithParam<Damage> {};

TEST_P(DamagedIdAuthentication, IsRefusedWithItsPlace) {
  base::Buffer bytes = id_authentication_bytes(virtee().authentication);
  bytes[GetParam().at] = GetParam().value;
  EXPECT_THAT([&] { parse_id_authentication(bytes); }, ThrowsMessage<base::Error>(HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(Field, DamagedIdAuthentication,
                         testing::Values(Damage{"id_algorithm", 0, 2, "+0x0: key algorithm: got 0x2"},
                                         Damage{"no_id_algorithm", 0, 0, "+0x0: key algorithm: got 0x0"},
                                         Damage{"author_algorithm", 4, 2, "+0x4: key algorithm: got 0x2"},
                                         Damage{"unused_author_key", 4, 0,
                                                "+0x680: signature of an author key that is not used"},
                                         Damage{"reserved_first", 0x3f, 1, "+0x3f: reserved bytes: got 0x1"},
                                         Damage{"number_R", 0x40 + 48, 1, "+0x70: number R: got 0x1"},
                                         Damage{"number_S", 0x88 + 71, 1, "+0xcf: number S: got 0x1"},
                                         Damage{"signature_end", 0x23f, 1, "+0x23f: reserved bytes of a signature"},
                                         Damage{"curve", 0x240, 1, "+0x240: curve: got 0x1, wanted 0x2"},
                                         Damage{"number_QX", 0x244 + 48, 1, "+0x274: number QX"},
                                         Damage{"number_QY", 0x28c + 48, 1, "+0x2bc: number QY"},
                                         Damage{"key_end", 0x643, 1, "+0x643: reserved bytes of a key"},
                                         Damage{"reserved_second", 0x644, 1, "+0x644: reserved bytes"},
                                         Damage{"author_curve", 0x880, 3, "+0x880: curve: got 0x3"},
                                         Damage{"reserved_last", 0xfff, 1, "+0xfff: reserved bytes"}),
                         [](const auto& damage) { return damage.param.name; });

TEST(IdBlock, IsRefusedWithAnotherSizeOrVersion) {
  base::Buffer block = id_block_bytes({});
  block[0x50] = 2;
  EXPECT_THAT([&] { parse_id_block(block); }, ThrowsMessage<base::Error>(HasSubstr("+0x50: version: got 2, wanted 1")));
  EXPECT_THROW(parse_id_block(base::Buffer(95)), base::Error);
  EXPECT_THROW(parse_id_block(base::Buffer(97)), base::Error);
  const base::Buffer authentication = id_authentication_bytes(virtee().authentication);
  EXPECT_THROW(parse_id_authentication(base::Bytes(authentication).first(4095)), base::Error);
}

TEST(IdBlock, IsVirteesVectorInTheSharedFilesToo) {
  const base::Buffer bytes =
      testing_files::read(testing_files::vectors() / "snp" / "virtee-sev-idblock" / "test_auth_block.bin");
  if (bytes.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  EXPECT_EQ(parse_id_authentication(bytes), virtee().authentication);
  const auto file = [](const char* name) {
    return testing_files::read(testing_files::vectors() / "snp" / "virtee-sev-idblock" / name);
  };
  // The signatures alone, 512 bytes each.
  EXPECT_EQ(base::buffer_of(base::Bytes(bytes).subspan(0x40, 512)), file("test_id_sig.bin"));
  EXPECT_EQ(base::buffer_of(base::Bytes(bytes).subspan(0x680, 512)), file("test_auth_sig.bin"));
}

}  // namespace
}  // namespace measurement
