#include <gmock/gmock.h>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "tests/cli/run_command.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using base::Json;
using testing::HasSubstr;

/// Quotes by swtpm, confirmed by tpm2_checkquote (tests/data/attestation/README.md).
Json captured() {
  return Json::parse(base::read_file(BULKHEAD_TEST_DATA "/attestation/swtpm_quote.json"), "swtpm quote");
}

Json evidence() {
  const Json quotes = captured();
  return Json::Object{
      {"ak_public", quotes.at("ak_public")},
      {"tpm_quote", quotes.at("sha256")},
      {"bulkhead", Json::Object{{"guest", "worker/0"}, {"event_log", ""}, {"sha384_quote", quotes.at("sha384")}}}};
}

class VerifyTpmVerb : public testing::Test {
 protected:
  [[nodiscard]] std::string file(const std::string& name, const std::string& content) const {
    base::write_file_atomically(folder_.file(name), content, 0600);
    return folder_.file(name);
  }
  [[nodiscard]] std::string enrolment() const {
    return file("enrolment.json", Json(Json::Object{{"akPublic", captured().at("ak_public")}}).compact());
  }

 private:
  tests::TemporaryFolder folder_;
};

TEST_F(VerifyTpmVerb, WithoutTheEnrolledKeySaysThatTheOriginIsUnknown) {
  const Ran ran = run_command({"verify", "tpm", file("evidence.json", evidence().compact())});
  EXPECT_EQ(ran.code, 5);
  EXPECT_THAT(ran.out, HasSubstr("signature valid, origin unknown"));
  const Ran json = run_command({"verify", "tpm", file("evidence.json", evidence().compact()), "--json"});
  const Json found = Json::parse(json.out, "verdict");
  EXPECT_EQ(json.code, 5);
  EXPECT_EQ(found.at("genuine"), Json(false));
  EXPECT_EQ(found.at("signaturesValid"), Json(true));
  EXPECT_EQ(found.at("origin"), Json("unknown"));
  EXPECT_EQ(found.at("guest"), Json("worker/0"));
  EXPECT_EQ(found.at("sha256").at("pcrs").array().size(), 24U);
}

TEST_F(VerifyTpmVerb, IsSatisfiedUnderTheEnrolledKeyInEachOfItsForms) {
  const std::string message = file("message.json", Json(Json::Object{{"primary_evidence", evidence()}}).compact());
  const base::Buffer der = *base::from_base64(captured().at("ak_public").text());
  const std::string pem = base::PublicKey::from_der(der, "key").pem();
  for (const std::string& key : {enrolment(), file("key.der", base::text_of(der)), file("key.pem", pem)}) {
    const Ran ran =
        run_command({"verify", "tpm", message, "--ak", key, "--report-data", captured().at("qualifying").text()});
    EXPECT_EQ(ran.code, 0) << key << ran.out << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("\ngenuine\n"));
  }
}

TEST_F(VerifyTpmVerb, RefusesAnotherKeyAnotherChallengeAndChangedRegisters) {
  const base::PrivateKey other = base::PrivateKey::generate(base::PrivateKey::Type::p256);
  const std::string good = file("evidence.json", evidence().compact());
  const Ran foreign = run_command({"verify", "tpm", good, "--ak", file("other.pem", other.public_key().pem())});
  EXPECT_EQ(foreign.code, 5);
  EXPECT_THAT(foreign.out, HasSubstr("attestation key is not the enrolled one"));
  const Ran stale = run_command({"verify", "tpm", good, "--ak", enrolment(), "--report-data", std::string(64, '0')});
  EXPECT_EQ(stale.code, 5);
  EXPECT_THAT(stale.out, HasSubstr("sha256 quote: qualifying data: wanted 0000"));
  Json bent = evidence();
  bent["tpm_quote"]["pcrs"].array()[4] = std::string(64, 'a');
  const Ran changed = run_command({"verify", "tpm", file("bent.json", bent.compact()), "--ak", enrolment()});
  EXPECT_EQ(changed.code, 5);
  EXPECT_THAT(changed.out, HasSubstr("sha256 quote: the PCR values sent are not the ones quoted"));
}

TEST_F(VerifyTpmVerb, SaysWhatIsMalformed) {
  EXPECT_EQ(run_command({"verify", "tpm", file("text", "no json")}).code, 3);
  EXPECT_EQ(run_command({"verify", "tpm", file("empty.json", "{}")}).code, 3);
  const std::string good = file("evidence.json", evidence().compact());
  EXPECT_EQ(run_command({"verify", "tpm", good, "--ak", file("key", "no key")}).code, 3);
  EXPECT_EQ(run_command({"verify", "tpm", good, "--ak", file("key.json", "{\"akPublic\":\"?\"}")}).code, 3);
  EXPECT_EQ(run_command({"verify", "tpm", good, "--report-data", "00"}).code, 64);
  EXPECT_EQ(run_command({"verify", "tpm", "/nowhere/evidence.json"}).code, 1);
}

}  // namespace
}  // namespace cli
