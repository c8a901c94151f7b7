#include "attestation/verify_tpm.h"

#include "attestation/tpm_structures.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/error.h"

namespace attestation {
namespace {

using Problems = std::vector<std::string>;

struct Bank {
  std::uint16_t algorithm;
  const char* name;
};

bool selects_all_of(const QuoteAttestation& quote, std::uint16_t algorithm) {
  return quote.selections.size() == 1 && quote.selections[0].hash == algorithm &&
         quote.selections[0].bitmap == base::Buffer{0xFF, 0xFF, 0xFF};
}

base::Sha256 digest_over(const std::vector<base::Buffer>& pcrs) {
  base::Buffer joined;
  for (const base::Buffer& value : pcrs) base::append(joined, value);
  return base::sha256(joined);
}

void check_quote(const wire::TpmQuote& evidence, const Bank& bank, const base::PublicKey& key, base::Bytes report_data,
                 Problems& problems) {
  const std::string where = std::string(bank.name) + " quote: ";
  if (!key.verifies(evidence.message, parse_rsassa_sha256(evidence.signature))) {
    problems.push_back(where + "signature does not verify");
    return;  // nothing in it means anything
  }
  const QuoteAttestation quote = QuoteAttestation::parse(evidence.message);
  if (!base::equal_in_constant_time(quote.extra_data, report_data)) {
    problems.push_back(where + "qualifying data: wanted " + base::hex(report_data) + ", got " +
                       base::hex(quote.extra_data));
  }
  if (!selects_all_of(quote, bank.algorithm)) {
    problems.push_back(where + "wanted PCR 0 to 23 of the " + bank.name + " bank and nothing else");
  }
  const base::Sha256 digest = digest_over(evidence.pcrs);
  if (!base::equal_in_constant_time(quote.pcr_digest, digest.bytes)) {
    problems.push_back(where + "the PCR values sent are not the ones quoted: digest " + digest.hex() + ", quoted " +
                       base::hex(quote.pcr_digest));
  }
}

Life life_of(const wire::TpmQuote& evidence) {
  const QuoteAttestation quote = QuoteAttestation::parse(evidence.message);
  return Life::of_tpm({quote.reset_count, quote.restart_count}, quote.clock);
}

}  // namespace

Life life_of(const wire::TpmEvidence& evidence) {
  return life_of(evidence.quote);
}

std::vector<std::string> genuineness_problems(const wire::TpmEvidence& evidence, base::Bytes enrolled_key,
                                              base::Bytes report_data) {
  if (!base::equal_in_constant_time(evidence.ak_public, enrolled_key))
    return {"attestation key is not the enrolled one"};
  Problems problems;
  try {
    const base::PublicKey key = base::PublicKey::from_der(enrolled_key, "attestation key");
    check_quote(evidence.quote, {tpm_alg_sha256, "sha256"}, key, report_data, problems);
    if (!evidence.bulkhead) return problems;
    check_quote(evidence.bulkhead->sha384_quote, {tpm_alg_sha384, "sha384"}, key, report_data, problems);
    if (problems.empty() && life_of(evidence.quote).id != life_of(evidence.bulkhead->sha384_quote).id) {
      problems.emplace_back("the quotes are of two boots");
    }
  } catch (const base::Error& error) {
    problems.emplace_back(error.what());
  }
  return problems;
}

}  // namespace attestation
