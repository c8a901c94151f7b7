#include "attestation/verify_tpm.h"

#include "attestation/checks.h"
#include "attestation/tpm_structures.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/error.h"

namespace attestation {
namespace {

struct Bank {
  std::uint16_t algorithm;
  std::string name;
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

/// What a signed quote says. What a failed check got is a whole sentence: the service keeps it as a reason.
void check_content(const wire::TpmQuote& evidence, const Bank& bank, const std::optional<base::Buffer>& report_data,
                   Checks& checks) {
  const std::string where = bank.name + " quote: ";
  const QuoteAttestation quote = QuoteAttestation::parse(evidence.message);
  if (report_data) {
    const bool same = base::equal_in_constant_time(quote.extra_data, *report_data);
    const std::string got = base::hex(quote.extra_data), wanted = base::hex(*report_data);
    checks.add(bank.name + "ReportData", same,
               same ? got : where + "qualifying data: wanted " + wanted + ", got " + got, wanted);
  }
  const std::string all = "PCR 0 to 23 of the " + bank.name + " bank and nothing else";
  const bool selected = selects_all_of(quote, bank.algorithm);
  checks.add(bank.name + "Selection", selected, selected ? all : where + "wanted " + all, all);
  const base::Sha256 digest = digest_over(evidence.pcrs);
  const bool quoted = base::equal_in_constant_time(quote.pcr_digest, digest.bytes);
  checks.add(bank.name + "Registers", quoted,
             quoted ? "the values sent are the ones quoted"
                    : where + "the PCR values sent are not the ones quoted: digest " + digest.hex() + ", quoted " +
                          base::hex(quote.pcr_digest),
             "digest " + base::hex(quote.pcr_digest));
}

/// @return whether the signature verifies
bool check_quote(const wire::TpmQuote& evidence, const Bank& bank, const base::PublicKey& key,
                 const std::optional<base::Buffer>& report_data, Checks& checks) {
  bool good = false;
  try {
    good = key.verifies(evidence.message, parse_rsassa_sha256(evidence.signature));
    checks.add(bank.name + "Signature", good, good ? "verifies" : bank.name + " quote: signature does not verify",
               "signed by the attestation key");
    if (good) check_content(evidence, bank, report_data, checks);  // nothing in another means anything
  } catch (const base::Error& error) {
    checks.add(bank.name + "Quote", false, error.what(), "a quote of a TPM");
  }
  return good;
}

Life life_of(const wire::TpmQuote& evidence) {
  const QuoteAttestation quote = QuoteAttestation::parse(evidence.message);
  return Life::of_tpm({quote.reset_count, quote.restart_count}, quote.clock);
}

void check_enrolment(const wire::TpmEvidence& evidence, const std::optional<base::Buffer>& enrolled, Checks& checks) {
  const std::string wanted = "the key enrolled for the guest, byte for byte";
  if (!enrolled) return checks.not_checked("attestationKey", "no enrolled key given: origin unknown", wanted);
  const bool same = base::equal_in_constant_time(evidence.ak_public, *enrolled);
  checks.add("attestationKey", same, same ? "the enrolled one" : "attestation key is not the enrolled one", wanted);
}

/// @return whether all signatures verify
bool check_quotes(const wire::TpmEvidence& evidence, const base::PublicKey& key,
                  const std::optional<base::Buffer>& report_data, Checks& checks) {
  bool good = check_quote(evidence.quote, {tpm_alg_sha256, "sha256"}, key, report_data, checks);
  if (!evidence.bulkhead) return good;
  const wire::TpmQuote& other = evidence.bulkhead->sha384_quote;
  good &= check_quote(other, {tpm_alg_sha384, "sha384"}, key, report_data, checks);
  if (good && all_mandatory_ok(checks.list())) {
    const bool same = life_of(evidence.quote).id == life_of(other).id;
    checks.add("oneBoot", same, same ? "the quotes are of one boot" : "the quotes are of two boots", "one boot");
  }
  return good;
}

}  // namespace

Life life_of(const wire::TpmEvidence& evidence) {
  return life_of(evidence.quote);
}

TpmVerification verify_tpm(const wire::TpmEvidence& evidence, const TpmExpectation& expected) {
  TpmVerification found;
  Checks checks;
  try {
    const base::PublicKey key = base::PublicKey::from_der(evidence.ak_public, "attestation key");
    found.signatures_valid = check_quotes(evidence, key, expected.report_data, checks);
  } catch (const base::Error& error) {
    checks.add("attestationKeyForm", false, error.what(), "DER SubjectPublicKeyInfo");
  }
  check_enrolment(evidence, expected.enrolled_key, checks);
  found.checks = std::move(checks).take();
  return found;
}

std::vector<std::string> genuineness_problems(const wire::TpmEvidence& evidence, base::Bytes enrolled_key,
                                              base::Bytes report_data) {
  if (!base::equal_in_constant_time(evidence.ak_public, enrolled_key))
    return {"attestation key is not the enrolled one"};  // whatever it signed
  std::vector<std::string> problems;
  const TpmExpectation expected{base::buffer_of(enrolled_key), base::buffer_of(report_data)};
  for (const Check& check : verify_tpm(evidence, expected).checks)
    if (check.outcome != Check::Outcome::ok) problems.push_back(check.got);
  return problems;
}

}  // namespace attestation
