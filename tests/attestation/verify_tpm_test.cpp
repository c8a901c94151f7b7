#include <gmock/gmock.h>

#include "attestation/tpm_structures.h"
#include "attestation/verify_tpm.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/posix_files.h"

namespace {

using namespace attestation;
using base::Json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A quote by swtpm, confirmed by tpm2_checkquote (tests/data/attestation/README.md).
Json captured() {
  return Json::parse(base::read_file(BULKHEAD_TEST_DATA "/attestation/swtpm_quote.json"), "swtpm quote");
}

wire::TpmEvidence captured_evidence() {
  const Json quotes = captured();
  const Json json = Json::Object{
      {"ak_public", quotes.at("ak_public")},
      {"tpm_quote", quotes.at("sha256")},
      {"bulkhead", Json::Object{{"guest", "worker/0"}, {"event_log", ""}, {"sha384_quote", quotes.at("sha384")}}}};
  return wire::TpmEvidence::parse(json);
}

base::Buffer report_data() {
  return *base::from_hex(captured().at("qualifying").text());
}

std::vector<std::string> problems(const wire::TpmEvidence& evidence) {
  return genuineness_problems(evidence, captured_evidence().ak_public, report_data());
}

TEST(TpmStructures, ReadsAQuoteOfSwtpm) {
  const QuoteAttestation quote = QuoteAttestation::parse(captured_evidence().quote.message);
  EXPECT_EQ(quote.extra_data, report_data());
  ASSERT_EQ(quote.selections.size(), 1U);
  EXPECT_EQ(quote.selections[0].hash, tpm_alg_sha256);
  EXPECT_EQ(quote.selections[0].bitmap, (base::Buffer{0xFF, 0xFF, 0xFF}));
  EXPECT_EQ(quote.qualified_signer.size(), 34U);
  EXPECT_EQ(quote.firmware_version, 0x2019102300163636U);
  EXPECT_EQ(parse_rsassa_sha256(captured_evidence().quote.signature).size(), 256U);
}

TEST(TpmStructures, RefusesEveryTruncationAndAnyTrailingByte) {
  const base::Buffer message = captured_evidence().quote.message;
  for (std::size_t size = 0; size < message.size(); ++size) {
    EXPECT_THROW(QuoteAttestation::parse(base::Bytes(message).first(size)), base::Error) << size;
  }
  base::Buffer longer = message;
  longer.push_back(0);
  EXPECT_THROW(QuoteAttestation::parse(longer), base::Error);
}

TEST(TpmStructures, RefusesFieldsThatAreNotAQuotes) {
  const struct {
    std::size_t offset;
    std::uint8_t value;
    const char* message;
  } cases[] = {{0, 0xFE, "magic: wanted 0xff544347"},
               {5, 0x17, "type: wanted 0x8018, got 0x8017"},
               {92, 2, "clockInfo.safe: wanted 0 or 1, got 2"},
               {104, 17, "pcrSelect: 17 banks"},
               {107, 9, "pcrSelect: sizeofSelect 9"}};
  for (const auto& c : cases) {
    base::Buffer message = captured_evidence().quote.message;
    message[c.offset] = c.value;
    try {
      QuoteAttestation::parse(message);
      ADD_FAILURE() << c.message;
    } catch (const base::Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(c.message));
    }
  }
}

TEST(TpmStructures, RefusesOtherSignatureSchemes) {
  const base::Buffer good = captured_evidence().quote.signature;
  for (const std::size_t offset : {1U, 3U, 5U}) {
    base::Buffer bad = good;
    bad[offset] ^= 1U;
    EXPECT_THROW(parse_rsassa_sha256(bad), base::Error) << offset;
  }
}

TEST(VerifyTpm, AcceptsTheQuotesOfSwtpm) {
  EXPECT_THAT(problems(captured_evidence()), IsEmpty());
}

TEST(VerifyTpm, NamesWhatIsNotGenuine) {
  wire::TpmEvidence bent = captured_evidence();
  bent.quote.message[40] ^= 1U;
  EXPECT_THAT(problems(bent), ElementsAre("sha256 quote: signature does not verify"));
  wire::TpmEvidence changed = captured_evidence();
  changed.bulkhead->sha384_quote.pcrs[4][0] ^= 1U;
  EXPECT_THAT(problems(changed), ElementsAre(HasSubstr("sha384 quote: the PCR values sent are not the ones quoted")));
}

TEST(VerifyTpm, TakesTheOneQuoteThatTrusteesAttesterSends) {
  wire::TpmEvidence lone = captured_evidence();
  lone.bulkhead.reset();
  EXPECT_THAT(problems(lone), testing::IsEmpty());
  lone.quote.pcrs[4][0] ^= 1U;
  EXPECT_THAT(problems(lone), ElementsAre(HasSubstr("the PCR values sent are not the ones quoted")));
}

TEST(VerifyTpm, SaysWhichBootTheQuoteIsOf) {
  const Life life = life_of(captured_evidence());
  const QuoteAttestation quote = QuoteAttestation::parse(captured_evidence().quote.message);
  EXPECT_EQ(life.id, "tpm " + std::to_string(quote.reset_count) + "." + std::to_string(quote.restart_count));
  EXPECT_EQ(life.clock, quote.clock);
}

TEST(VerifyTpm, RefusesAQuoteOfTheOtherBankInItsPlace) {
  wire::TpmEvidence swapped = captured_evidence();
  swapped.bulkhead->sha384_quote.message = swapped.quote.message;
  swapped.bulkhead->sha384_quote.signature = swapped.quote.signature;
  EXPECT_THAT(problems(swapped), testing::Contains(HasSubstr("wanted PCR 0 to 23 of the sha384 bank")));
}

TEST(VerifyTpm, RefusesAQuoteForAnotherChallenge) {
  base::Buffer other = report_data();
  other[0] ^= 1U;
  const wire::TpmEvidence evidence = captured_evidence();
  EXPECT_THAT(genuineness_problems(evidence, evidence.ak_public, other),
              ElementsAre(HasSubstr("sha256 quote: qualifying data: wanted "), HasSubstr("sha384 quote: qualifying")));
}

TEST(VerifyTpm, RefusesAKeyThatDiffersInOneByte) {
  base::Buffer other = captured_evidence().ak_public;
  other.back() ^= 1U;
  EXPECT_THAT(genuineness_problems(captured_evidence(), other, report_data()),
              ElementsAre("attestation key is not the enrolled one"));
}

}  // namespace
