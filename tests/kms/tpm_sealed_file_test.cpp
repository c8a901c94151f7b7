#include "kms/tpm_sealed_file.h"

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "base/error.h"
#include "kms/sealed_secret.h"
#include "tests/fakes/fake_sealing_tpm.h"

namespace kms {
namespace {

using base::Json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

// What tpm2_create (tpm2-tools 5.4, swtpm 0.7.1) made of 32 bytes below an ECC storage root key, without a policy and
// with one over sha256:7, and what tpm2_readpublic says is that key's name.
constexpr const char* root_name = "000b46e5bb8fe3908dccd90cc02941bd2fd8e5e6898d58f6bbfa262810b98fec0476";
constexpr const char* plain_public = "AC4ACAALAAAAUgAAABAAIDe3WFHB7Qa79SSID18jPkPrgyyisSAgnbaLfvYMOOnP";
constexpr const char* policy_public =
    "AE4ACAALAAAAEgAgi1aC2BspQ10I15J4FQYR3H5ZI7L+/M5oSglXe0ATCosAEAAgZttN2Ceac9/z9P0Zo5JCUBkb1LXK2pRkVdoIAx80utM=";
constexpr const char* plain_private =
    "AJ4AIHpE1GHXCS1lExtUF1u2Ds+"
    "HTEJpsnRlclQO8b5ulnJoABByvCoqbZhGTbmQ7DXvt8VVkRkj7Ty4WQO2AtnSZMofTrJCeEl5X2vqLLbWPsCh9kmB"
    "6Lin1qUOWfzFzoX/dRVsj5E0oI+rJbBVvVMH2YMLqlFRC3/GitgN26vwE3jYzu0tNRDsiJIECaocuWGYuf6W7ywvTnUugKwIUw==";

Json document() {
  return Json::Object{
      {"schema", "bulkhead.tpm-sealed/v1"},
      {"parent", root_name},
      {"object", Json::Object{{"public", plain_public}, {"private", plain_private}}},
      {"pcrs", nullptr},
      {"content",
       Json::Object{{"nonce", "AAAAAAAAAAAAAAAA"}, {"ciphertext", "AAAA"}, {"tag", "AAAAAAAAAAAAAAAAAAAAAA=="}}}};
}

Json document_with_pcrs(Json selection) {
  Json json = document();
  json["object"]["public"] = policy_public;
  json["pcrs"] = Json::Object{{"bank", "sha256"}, {"selection", std::move(selection)}};
  return json;
}

base::Secret secret(std::string_view text) {
  return base::Secret(base::buffer_of(base::bytes_of(text)));
}

TEST(TpmSealedFile, TakesTheObjectsOfTpm2Tools) {
  const TpmSealedFile plain = parse_tpm_sealed(document().compact(), "sealed");
  EXPECT_EQ(base::base64(plain.key.public_area), plain_public);
  EXPECT_EQ(base::hex(plain.key.parent), root_name);
  EXPECT_TRUE(plain.key.pcrs.empty());
  EXPECT_EQ(Json::parse(plain.text(), "sealed"), document());
  const Json both = document_with_pcrs(Json::Array{4, 7});
  EXPECT_THAT(parse_tpm_sealed(both.compact(), "sealed").key.pcrs, ElementsAre(4U, 7U));
  EXPECT_EQ(Json::parse(parse_tpm_sealed(both.compact(), "sealed").text(), "sealed"), both);
}

struct Broken {
  const char* what;
  void (*change)(Json&);
  const char* message;
};

/// One byte of an area in base64 set to another value.
void set_byte(Json& area, std::size_t at, std::uint8_t value) {
  base::Buffer bytes = *base::from_base64(area.text());
  bytes.at(at) = value;
  area = base::base64(bytes);
}

TEST(TpmSealedFile, RefusesWhatIsNone) {
  const Broken table[] = {
      {"schema", [](Json& j) { j["schema"] = "bulkhead.tpm-sealed/v2"; }, "got 'bulkhead.tpm-sealed/v2'"},
      {"member", [](Json& j) { j["more"] = 1; }, "more"},
      {"no content", [](Json& j) { j["content"] = Json::Object{}; }, "nonce"},
      {"short nonce", [](Json& j) { j["content"]["nonce"] = "AAAA"; }, "nonce: got 3 bytes, wanted 12"},
      {"long tag", [](Json& j) { j["content"]["tag"] = std::string(24, 'A'); }, "tag: got 18 bytes"},
      {"no ciphertext", [](Json& j) { j["content"]["ciphertext"] = ""; }, "ciphertext: got 0 bytes"},
      {"no base64", [](Json& j) { j["object"]["private"] = "%"; }, "private: wanted base64"},
      {"member of object", [](Json& j) { j["object"]["seed"] = ""; }, "seed"},
      {"name of SHA-384", [](Json& j) { j["parent"] = "000c" + std::string(64, '1'); }, "parent: wanted the Name"},
      {"short name", [](Json& j) { j["parent"] = "000b11"; }, "parent: wanted the Name"},
      {"name in capitals of nothing", [](Json& j) { j["parent"] = std::string(68, 'G'); }, "parent: wanted the Name"},
      {"size of public", [](Json& j) { set_byte(j["object"]["public"], 1, 0x2d); }, "public"},
      {"RSA key", [](Json& j) { set_byte(j["object"]["public"], 3, 0x01); }, "type: got 0x1, wanted 0x8"},
      {"SHA-1", [](Json& j) { set_byte(j["object"]["public"], 5, 0x04); }, "nameAlg: got 0x4"},
      {"not fixed to the TPM", [](Json& j) { set_byte(j["object"]["public"], 9, 0x50); }, "objectAttributes"},
      {"not fixed to the parent", [](Json& j) { set_byte(j["object"]["public"], 9, 0x42); }, "objectAttributes"},
      {"a key that signs", [](Json& j) { set_byte(j["object"]["public"], 7, 0x04); }, "objectAttributes"},
      {"a policy nobody named", [](Json& j) { j["object"]["public"] = policy_public; }, "objectAttributes"},
      {"HMAC", [](Json& j) { set_byte(j["object"]["public"], 13, 0x05); }, "scheme: got 0x5"},
      {"unique", [](Json& j) { set_byte(j["object"]["public"], 15, 0x1f); }, "size of unique: got 0x1f"},
      {"more in private", [](Json& j) { set_byte(j["object"]["private"], 1, 0x9d); }, "private"},
      {"half of private", [](Json& j) { j["object"]["private"] = "AJ4A"; }, "private"},
      {"huge area", [](Json& j) { j["object"]["private"] = std::string(2000, 'A'); }, "wanted 1 to 1024"},
      {"PCRs without a policy", [](Json& j) { j["pcrs"] = document_with_pcrs(Json::Array{7}).at("pcrs"); },
       "objectAttributes"},
  };
  for (const Broken& broken : table) {
    Json json = document();
    broken.change(json);
    EXPECT_THAT([&] { parse_tpm_sealed(json.compact(), "sealed"); },
                ThrowsMessage<base::Error>(HasSubstr(broken.message)))
        << broken.what;
  }
}

TEST(TpmSealedFile, RefusesRegistersThatMeanNothing) {
  const auto refused = [](Json selection, const char* message) {
    const std::string text = document_with_pcrs(std::move(selection)).compact();
    EXPECT_THAT([&] { parse_tpm_sealed(text, "sealed"); }, ThrowsMessage<base::Error>(HasSubstr(message))) << text;
  };
  refused(Json::Array{}, "wanted a register");
  refused(Json::Array{24}, "got 24, wanted 0 to 23");
  refused(Json::Array{-1}, "got -1, wanted 0 to 23");
  refused(Json::Array{7, 7}, "PCR 7 after 7, wanted ascending");
  refused(Json::Array{7, 4}, "PCR 4 after 7, wanted ascending");
  refused(Json::Array{16}, "anybody may reset it");
  refused(Json::Array{7, 23}, "anybody may reset it");
  Json sha1 = document_with_pcrs(Json::Array{7});
  sha1["pcrs"]["bank"] = "sha1";
  EXPECT_THAT([&] { parse_tpm_sealed(sha1.compact(), "sealed"); },
              ThrowsMessage<base::Error>(HasSubstr("wanted sha256")));
}

TEST(TpmSealedFile, IsKnownByItsSchemaAndNotByWhatAnotherDocumentQuotes) {
  EXPECT_TRUE(is_tpm_sealed(base::bytes_of(document().compact())));
  EXPECT_TRUE(is_tpm_sealed(base::bytes_of(document().pretty())));
  EXPECT_TRUE(is_tpm_sealed(base::bytes_of(R"({"schema":"bulkhead.tpm-sealed/v2"})"))) << "of a later Bulkhead";
  EXPECT_FALSE(is_tpm_sealed({}));
  EXPECT_FALSE(is_tpm_sealed(base::bytes_of(base::base64(base::Buffer(32, 7)))));
  const Json bundle = Json::Object{{"schema", "bulkhead.service-bundle/v1"}, {"file", document().compact()}};
  EXPECT_FALSE(is_tpm_sealed(base::bytes_of(bundle.compact())));
}

TEST(SealedSecret, OpensWithTheTpmThatSealedItAndNotWhenAnythingWasChanged) {
  fakes::FakeSealingTpm tpm, other;
  for (const std::vector<unsigned>& pcrs : {std::vector<unsigned>{}, std::vector<unsigned>{4, 7}}) {
    const TpmSealedFile file = sealed_to(tpm, secret("the bundle"), pcrs);
    EXPECT_THAT(file.text(), Not(HasSubstr(base::base64(base::bytes_of("the bundle")))));
    EXPECT_EQ(base::text_of(opened_with(tpm, parse_tpm_sealed(file.text(), "f"), "f").view()), "the bundle");
    EXPECT_THAT([&] { opened_with(other, file, "f"); }, ThrowsMessage<base::Error>("f: another TPM"));
    // With the same key from the TPM, so that only what the content is bound to can tell.
    const auto changed = [&](void (*change)(TpmSealedFile&)) {
      TpmSealedFile copy{file.key, file.content};
      change(copy);
      EXPECT_THAT([&] { opened_with(tpm, copy, "f"); },
                  ThrowsMessage<base::Error>(HasSubstr("the content was changed")));
    };
    changed([](TpmSealedFile& f) { f.content.ciphertext.at(0) ^= 1; });
    changed([](TpmSealedFile& f) { f.content.nonce.at(0) ^= 1; });
    changed([](TpmSealedFile& f) { f.content.tag.at(0) ^= 1; });
    changed([](TpmSealedFile& f) { f.key.public_area.back() ^= 1; });
    changed([](TpmSealedFile& f) { f.key.parent.back() ^= 1; });
    changed([](TpmSealedFile& f) { f.key.pcrs.push_back(11); });
  }
}

TEST(SealedSecret, IsNeitherEmptyNorLargerThanASecretFile) {
  fakes::FakeSealingTpm tpm;
  EXPECT_THROW(sealed_to(tpm, base::Secret(), {}), base::Error);
  EXPECT_THROW(sealed_to(tpm, base::Secret((1U << 19U) + 1), {}), base::Error);
  EXPECT_LE(sealed_to(tpm, base::Secret(1U << 19U), {}).text().size(), 1U << 20U);
}

TEST(SealedSecret, IsSealedOnceAndRefusedWhereItMustBeItself) {
  fakes::FakeSealingTpm tpm;
  expect_not_sealed(secret("plain"), "f", "so");
  const std::string text = sealed_to(tpm, secret("plain"), {}).text();
  EXPECT_THAT([&] { expect_not_sealed(secret(text), "f", "so there"); },
              ThrowsMessage<base::Error>("f: is sealed to a TPM; so there"));
}

TEST(TpmAddress, IsADeviceOrASoftwareTpmAndNoLibraryToLoad) {
  EXPECT_EQ(tpm_address("device:/dev/tpmrm0", "--tpm"), "device:/dev/tpmrm0");
  EXPECT_EQ(tpm_address("swtpm:path=/run/tpm", "--tpm"), "swtpm:path=/run/tpm");
  for (const char* other :
       {"", "device", "device:tpm0", "/tmp/evil.so", "libtss2-tcti-cmd.so:sh", "cmd:sh -c id", "pcap:"}) {
    EXPECT_THAT([&] { tpm_address(other, "--tpm"); }, ThrowsMessage<base::Error>(HasSubstr("wanted device:PATH")))
        << other;
  }
}

}  // namespace
}  // namespace kms
