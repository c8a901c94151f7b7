#include <gtest/gtest.h>

#include <functional>

#include "attestation/wire/http_client.h"
#include "attestation/wire/jwe.h"
#include "attestation/wire/jwk.h"
#include "attestation/wire/kbs_messages.h"
#include "attestation/wire/tpm_evidence.h"
#include "attestation/wire/volume_rotation.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "base/posix_process.h"
#include "base/rsa_oaep.h"
#include "tests/temporary_folder.h"

namespace {

using namespace attestation::wire;
using base::Json;

/// The deterministic exchange of protocol 0.4.0 made by an independent Python program (see
/// tests/data/attestation/README).
Json fixture() {
  return Json::parse(base::read_file(BULKHEAD_TEST_DATA "/attestation/rcar_fixture_0.4.0.json"), "fixture");
}

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const base::Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(KbsMessages, ReadsAndWritesTheFixturesRequestAndChallenge) {
  const Json f = fixture();
  EXPECT_EQ(AuthRequest::parse(f.at("request").compact()).text(), f.at("request").compact());
  EXPECT_EQ(AuthRequest::parse(f.at("request").compact()).tee, "sample");
  EXPECT_EQ(Challenge::parse(f.at("challenge").compact()).text(), f.at("challenge").compact());
}

TEST(KbsMessages, HashesTheFixturesRuntimeDataToItsReportData) {
  const Json f = fixture();
  const AttestRequest request = AttestRequest::parse(f.at("attestation").compact());
  EXPECT_EQ(request.text(), f.at("attestation").compact());
  EXPECT_EQ(canonical_runtime_data(request.runtime_data, request.additional_evidence),
            f.at("canonical_runtime_data_primary").text());
  const base::Sha384 digest = runtime_data_digest(request.runtime_data, request.additional_evidence);
  EXPECT_EQ(digest.hex(), f.at("report_data_sha384_hex").text());
  EXPECT_EQ(base::hex(tpm_report_data(digest)), f.at("report_data_sha384_hex").text().substr(0, 64));
}

TEST(KbsMessages, AcceptsAnyJsonAsExtraParams) {
  for (const char* params : {R"("")", "{}", R"({"id":"alice"})", "null", "[1]"}) {
    EXPECT_NO_THROW(
        AuthRequest::parse(std::string(R"({"version":"0.4.0","tee":"tpm","extra-params":)") + params + "}"));
  }
}

TEST(KbsMessages, ReadsTheFixturesError) {
  const ErrorInformation error = ErrorInformation::parse(fixture().at("error_example").compact());
  EXPECT_EQ(error.detail, "Access denied by policy");
  EXPECT_EQ(ErrorInformation::named("PolicyDeny", error.detail).type, error.type);
}

TEST(KbsMessages, RefusesMalformedAttestationsNamingTheMember) {
  const std::string key =
      R"({"alg":"ECDH-ES+A256KW","crv":"P-256","kty":"EC","x":"AhfmF_C2RDkoJ4-WmZ5pojpPLBUr321s32bluAKC1O0","y":"GUp968uXcS0t2jyoWqh2Wlb0X8dYWZZS8ol8ZTBuV5Q"})";
  const auto with = [](const std::string& init, const std::string& runtime, const std::string& evidence) {
    return R"({"init-data":)" + init + R"(,"runtime-data":)" + runtime + R"(,"tee-evidence":)" + evidence + "}";
  };
  const std::string runtime = R"({"nonce":"n","tee-pubkey":)" + key + "}";
  const std::string evidence = R"({"primary_evidence":{},"additional_evidence":""})";
  const std::string short_x =
      R"({"nonce":"n","tee-pubkey":{"alg":"ECDH-ES+A256KW","crv":"P-256","kty":"EC","x":"AAAA","y":"AAAA"}})";
  const struct {
    std::string text, message;
  } cases[] = {
      {with("null", runtime, evidence), "accepted"},
      {"[]", "attestation: wanted an object"},
      {R"({"runtime-data":{}})", "attestation: tee-evidence: missing"},
      {with("7", runtime, evidence), "attestation: init-data: wanted an object or null"},
      {with(R"({"format":"toml"})", runtime, evidence), "attestation: init-data: body: missing"},
      {with("null", R"({"nonce":7,"tee-pubkey":)" + key + "}", evidence),
       "attestation: runtime-data: nonce: wanted a string"},
      {with("null", R"({"nonce":"n"})", evidence), "attestation: runtime-data: tee-pubkey: missing"},
      {with("null", short_x, evidence), "attestation: runtime-data: tee-pubkey: x: wanted 32 bytes, got 3"},
      {with("null", runtime, R"({"primary_evidence":"x","additional_evidence":""})"),
       "attestation: tee-evidence: primary_evidence: wanted an object"},
      {with("null", runtime, R"({"primary_evidence":{}})"), "attestation: tee-evidence: additional_evidence: missing"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(message_of([&] { AttestRequest::parse(c.text); }), c.message) << c.text;
  }
}

TEST(KbsMessages, PassOverMembersThatLaterClientsSend) {
  Json request = fixture().at("attestation");
  request["new"] = 1;
  request["runtime-data"]["new"] = "x";
  request["runtime-data"]["tee-pubkey"]["kid"] = "x";
  request["tee-evidence"]["new"] = Json::Object{};
  request["init-data"] = Json::Object{{"format", "toml"}, {"body", "b"}, {"new", 1}};
  const AttestRequest read = AttestRequest::parse(request.compact());
  EXPECT_EQ(runtime_data_digest(read.runtime_data, "").hex(), fixture().at("report_data_sha384_hex").text())
      << "what is hashed is what Trustee writes anew";
  EXPECT_EQ(AuthRequest::parse(R"({"version":"0.4.0","tee":"tpm","new":[1]})").tee, "tpm");
  EXPECT_EQ(Challenge::parse(R"({"nonce":"n","extra-params":{},"new":0})").nonce, "n");
  EXPECT_EQ(TokenResponse::parse(R"({"token":"t","new":0})").token, "t");
  EXPECT_EQ(ErrorInformation::parse(R"({"type":"t","detail":"d","new":0})").detail, "d");
}

/// A modulus of as many bytes, in base64url.
std::string modulus(std::size_t size, std::uint8_t first = 0xc1) {
  base::Buffer bytes(size, 0x55);
  bytes.front() = first;
  return base::base64url(bytes);
}

TEST(TeeKeys, AreTheOnesThatSecretsCanBeWrappedTo) {
  const auto rsa = [](const std::string& alg, const std::string& n, const std::string& e) {
    return R"({"alg":")" + alg + R"(","e":")" + e + R"(","kty":"RSA","n":")" + n + R"("})";
  };
  const struct {
    std::string text, message;
  } cases[] = {
      {rsa("RSA-OAEP-256", modulus(256), "AQAB"), "accepted"},
      {rsa("RSA-OAEP-256", modulus(512), "Aw"), "accepted"},
      {rsa("RSA1_5", modulus(256), "AQAB"), "key: alg: wanted 'RSA-OAEP-256', got 'RSA1_5'"},
      {rsa("RSA-OAEP-256", modulus(255), "AQAB"), "key: n: wanted 256 to 512 bytes without a leading zero, got 255"},
      {rsa("RSA-OAEP-256", modulus(513), "AQAB"), "key: n: wanted 256 to 512 bytes without a leading zero, got 513"},
      {rsa("RSA-OAEP-256", modulus(256, 0), "AQAB"), "key: n: wanted 256 to 512 bytes without a leading zero, got 256"},
      {rsa("RSA-OAEP-256", modulus(256), "AQ"), "key: e: wanted an odd number from 3, got 1"},
      {rsa("RSA-OAEP-256", modulus(256), "AQAA"), "key: e: wanted an odd number from 3, got 65536"},
      {rsa("RSA-OAEP-256", modulus(256), "AAEAAQ"), "key: e: wanted 1 to 4 bytes, none of them a leading zero"},
      {rsa("RSA-OAEP-256", modulus(256), ""), "key: e: wanted 1 to 4 bytes, none of them a leading zero"},
      {R"({"kty":"AKP","alg":"ML-KEM-768+A192KW","pub":"AA"})", "key: kty: wanted 'EC' or 'RSA', got 'AKP'"},
      {R"({"kty":"EC","crv":"P-521","alg":"ECDH-ES+A256KW","x":"AA","y":"AA"})",
       "key: crv: wanted 'P-256', got 'P-521'"},
      {R"({"kty":"EC","crv":"P-256","alg":"ES256","x":"AA","y":"AA"})",
       "key: alg: wanted 'ECDH-ES+A256KW', got 'ES256'"},
      {R"({"crv":"P-256"})", "key: kty: missing"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(message_of([&] {
                const Json json = Json::parse(c.text, "key");
                EXPECT_EQ(tee_key_json(parse_tee_key(json, "key")).compact(), json.compact());
              }),
              c.message);
  }
}

/// Source: RFC 7638 section 3.1, whose example is the key of RFC 7515 appendix A.2.
TEST(TeeKeys, HaveTheThumbprintOfTheRfcsExample) {
  const std::string n =
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
      "BJECPebWKRXjBZCiFV4n3oknjhMs"
      "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
      "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n"
      "91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
  const Json key = Json::Object{{"alg", "RSA-OAEP-256"}, {"e", "AQAB"}, {"kty", "RSA"}, {"n", n}};
  EXPECT_EQ(key_thumbprint(parse_tee_key(key, "key")), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

TEST(VolumeRotation, IsReadStrictly) {
  EXPECT_EQ(VolumeVersions::parse(R"({"version":3,"next":null})").next, std::nullopt);
  EXPECT_EQ(VolumeVersions::parse(VolumeVersions{3, 5}.text()).next, 5U);
  EXPECT_EQ(VolumeVersions::parse(R"({"version":3,"next":null})").may_format, std::nullopt);
  EXPECT_EQ(VolumeVersions::parse(VolumeVersions{1, std::nullopt, true}.text()).may_format, true);
  EXPECT_EQ(VolumeVersions::parse(VolumeVersions{1, std::nullopt, false}.text()).may_format, false);
  EXPECT_EQ(VolumeRotated::parse(VolumeRotated{4294967295U}.text()).version, 4294967295U);
  const std::string range = "wanted a number from 1, of 32 bits, got ";
  const struct {
    std::string text, message;
  } versions[] = {
      {"[]", "volume's versions: wanted an object"},
      {R"({"next":2})", "volume's versions: version: missing"},
      {R"({"version":1})", "volume's versions: next: missing"},
      {R"({"version":0,"next":null})", "volume's versions: version: " + range + "0"},
      {R"({"version":4294967296,"next":null})", "volume's versions: version: " + range + "4294967296"},
      {R"({"version":null,"next":2})", "volume's versions: version: " + range + "null"},
      {R"({"version":1,"next":"2"})", "volume's versions: next: " + range + "\"2\""},
      {R"({"version":1,"next":null,"mayFormat":1})", "volume's versions: mayFormat: wanted true or false, got 1"},
      {R"({"version":2,"next":2})", "volume's versions: next: wanted above 2, got 2"},
  };
  for (const auto& one : versions) EXPECT_EQ(message_of([&] { VolumeVersions::parse(one.text); }), one.message);
  EXPECT_NE(message_of([] { VolumeVersions::parse(R"({"version":1,"next":2,"key":""})"); }), "accepted");
  EXPECT_EQ(message_of([] { VolumeRotated::parse("{}"); }), "note: version: missing");
  EXPECT_EQ(message_of([] { VolumeRotated::parse(R"({"version":-1})"); }), "note: version: " + range + "-1");
  EXPECT_NE(message_of([] { VolumeRotated::parse(R"({"version":1,"force":true})"); }), "accepted");
}

TEST(Jwe, DerivesTheFixturesKeyEncryptionKey) {
  const Json jwe = fixture().at("jwe");
  EXPECT_EQ(base::hex(key_encryption_key(*base::from_hex(jwe.at("z_hex").text())).view()), jwe.at("kek_hex").text());
}

TEST(Jwe, OpensTheFixturesResponse) {
  const Json f = fixture();
  const base::EcdhKey key(base::PrivateKey::from_pem(f.at("tee_private_key_pem").text(), "fixture"));
  const base::Secret opened = decrypt_in_guest(key, f.at("jwe").at("response").compact());
  EXPECT_EQ(base::text_of(opened.view()), f.at("jwe").at("plaintext").text());
}

TEST(Jwe, WrapsForOneGuestOnly) {
  const base::EcdhKey mine;
  const base::EcdhKey other;
  const std::string jwe = encrypt_to_guest(mine.point(), base::bytes_of("secret"));
  EXPECT_EQ(base::text_of(decrypt_in_guest(mine, jwe).view()), "secret");
  EXPECT_THROW(decrypt_in_guest(other, jwe), base::Error);
}

TEST(Jwe, WritesTheHeaderInTheOrderGuestsRecompute) {
  const Json jwe = Json::parse(encrypt_to_guest(base::EcdhKey().point(), base::bytes_of("s")), "jwe");
  const std::string header = base::text_of(*base::from_base64url(jwe.at("protected").text()));
  const std::string wanted = fixture().at("jwe").at("protected_json").text();
  const std::size_t fixed = wanted.find("1lqTl");
  EXPECT_EQ(header.substr(0, fixed), wanted.substr(0, fixed));
  EXPECT_EQ(header.size(), wanted.size());
}

TEST(Jwe, WrapsForAnRsaKeyAsOpensslUnwraps) {
  const tests::TemporaryFolder folder;
  const std::string key = folder.file("key.pem"), wrapped = folder.file("wrapped");
  base::run_or_throw({"openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key});
  const std::string shown = base::run_or_throw({"openssl", "rsa", "-in", key, "-noout", "-modulus"});
  const std::string digits = shown.substr(shown.find('=') + 1, 512);
  const TeeKey guest = RsaTeeKey{*base::from_hex(digits), 65537};
  const Json jwe = Json::parse(encrypt_to_guest(guest, base::bytes_of("secret")), "jwe");
  const auto part = [&](const char* member) { return *base::from_base64url(jwe.at(member).text()); };
  EXPECT_EQ(base::text_of(part("protected")), R"({"alg":"RSA-OAEP-256","enc":"A256GCM"})");
  base::write_file_atomically(wrapped, base::text_of(part("encrypted_key")), 0600);
  const std::string content_key =
      base::run_or_throw({"openssl", "pkeyutl", "-decrypt", "-inkey", key, "-in", wrapped, "-pkeyopt",
                          "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256", "-pkeyopt", "rsa_mgf1_md:sha256"});
  const base::SealedBox box{part("iv"), part("ciphertext"), part("tag")};
  const base::Secret opened =
      base::open_aes256_gcm(base::bytes_of(content_key), box, base::bytes_of(jwe.at("protected").text()));
  EXPECT_EQ(base::text_of(opened.view()), "secret");
}

TEST(RsaOaep, RefusesOtherKeysAndWhatDoesNotFit) {
  const auto p256 = base::PrivateKey::generate(base::PrivateKey::Type::p256).public_key();
  EXPECT_THROW(base::encrypt_rsa_oaep_sha256(p256, base::bytes_of("x")), base::Error);
  base::Buffer odd(256, 0xc1);
  const base::PublicKey rsa = base::PublicKey::from_rsa(odd, 65537);
  EXPECT_EQ(base::encrypt_rsa_oaep_sha256(rsa, base::Buffer(190)).size(), 256U);
  EXPECT_THROW(base::encrypt_rsa_oaep_sha256(rsa, base::Buffer(191)), base::Error);
}

TEST(Jwe, RefusesMalformedResponses) {
  const Json good = fixture().at("jwe").at("response");
  const base::EcdhKey key(base::PrivateKey::from_pem(fixture().at("tee_private_key_pem").text(), "fixture"));
  const struct {
    const char *member, *value, *message;
  } cases[] = {
      {"iv", "RERE", "JWE: iv: wanted 12 bytes, got 3"},
      {"tag", "QicU", "JWE: tag: wanted 16 bytes, got 3"},
      {"encrypted_key", "AAAA", "JWE: encrypted_key: wanted 40 bytes, got 3"},
      {"protected", "e30", "JWE header: alg: missing"},
      {"protected", "===", "JWE: protected: not base64url without padding"},
      {"aad", "AAAA", nullptr},
      {"ciphertext", "RPSq86RyogqA5s3hnb2hFGO2MbpR7Yx_0HjlSyeAYOQ2XdZ", nullptr},
  };
  for (const auto& c : cases) {
    Json bad = good;
    bad[c.member] = c.value;
    const std::string message = message_of([&] { decrypt_in_guest(key, bad.compact()); });
    if (c.message != nullptr) {
      EXPECT_EQ(message, c.message);
    }
    EXPECT_NE(message, "accepted") << c.member;
  }
}

TEST(TpmEvidence, RoundTripsAndRefusesAWrongNumberOfPcrs) {
  const TpmQuote quote{{1, 2}, {3, 4}, std::vector<base::Buffer>(24, base::Buffer(32, 5))};
  const TpmQuote wide{{1, 2}, {3, 4}, std::vector<base::Buffer>(24, base::Buffer(48, 6))};
  const TpmEvidence evidence{{9, 9}, quote, BulkheadEvidence{"worker/0", {7}, wide}};
  EXPECT_EQ(TpmEvidence::parse(evidence.json()), evidence);
  TpmEvidence few = evidence;
  few.quote.pcrs.pop_back();
  EXPECT_EQ(message_of([&] { TpmEvidence::parse(few.json()); }),
            "tpm evidence: tpm_quote: pcrs: wanted an array of 24 values");
  TpmEvidence narrow = evidence;
  narrow.bulkhead->sha384_quote.pcrs[3] = base::Buffer(32, 1);
  EXPECT_EQ(message_of([&] { TpmEvidence::parse(narrow.json()); }),
            "tpm evidence: bulkhead: sha384_quote: pcrs: entry 3: wanted 96 hexadecimal digits");
}

TEST(ServiceUrl, HoldsOnlyAnAddressAndAPort) {
  EXPECT_EQ(parse_service_url("https://10.20.255.1:8443").host, "10.20.255.1");
  EXPECT_EQ(parse_service_url("https://10.20.255.1:8443").port, 8443);
  for (const char* bad :
       {"http://10.0.0.1:1", "https://10.0.0.1:", "https://10.0.0.256:1", "https://10.0.0.1:0",
        "https://10.0.0.1:65536", "https://10.0.0.1:1/x", "https://host:1", "https://01.0.0.1:1", ""}) {
    EXPECT_THROW(parse_service_url(bad), base::Error) << bad;
  }
}

}  // namespace
