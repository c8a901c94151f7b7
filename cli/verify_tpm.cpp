#include "cli/verify_tpm.h"

#include "attestation/tpm_structures.h"
#include "attestation/verify_tpm.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "cli/verdict_report.h"

namespace cli {
namespace {

using attestation::QuoteAttestation;
using attestation::wire::TpmEvidence;
using attestation::wire::TpmQuote;
using base::Error;
using base::Json;
using base::Kind;

constexpr std::size_t largest_evidence = 1U << 22U, largest_key = 1U << 16U;
constexpr std::size_t report_data_size = 32;

TpmEvidence read_evidence(const std::string& path) {
  const Json file = Json::parse(base::read_file(path, largest_evidence), path);
  const Json* const sent = file.find("tee-evidence");  // a whole attestation, as `evidence save` writes it
  const Json& json = sent == nullptr ? file : *sent;
  try {
    const Json* const primary = json.find("primary_evidence");
    return TpmEvidence::parse(primary == nullptr ? json : *primary);
  } catch (const Error& error) {
    throw Error(error.kind(), path + ": " + error.what());
  }
}

/// The key as it was enrolled: the body of the enrolment, {"akPublic": base64}, or the key itself as PEM or DER.
base::Buffer read_key(const std::string& path) {
  const std::string content = base::read_file(path, largest_key);
  if (content.starts_with("{")) {
    const std::optional<base::Buffer> key = base::from_base64(Json::parse(content, path).at("akPublic").text());
    if (!key) throw Error(Kind::malformed, path + ": akPublic: not standard base64 with padding");
    return *key;
  }
  if (content.starts_with("-----BEGIN")) return base::PublicKey::from_pem(content, path).der();
  return base::PublicKey::from_der(base::bytes_of(content), path).der();
}

attestation::TpmExpectation expectation(const VerifyTpmOptions& options) {
  attestation::TpmExpectation expected;
  if (options.key) expected.enrolled_key = read_key(*options.key);
  if (!options.report_data) return expected;
  expected.report_data = base::from_hex(*options.report_data);
  if (!expected.report_data || expected.report_data->size() != report_data_size)
    throw Error(Kind::usage, "--report-data: wanted 64 hexadecimal digits");
  return expected;
}

Json quote_json(const TpmQuote& evidence) {
  Json::Array pcrs;
  for (const base::Buffer& value : evidence.pcrs) pcrs.emplace_back(base::hex(value));
  Json json{Json::Object{{"pcrs", std::move(pcrs)}}};
  try {
    const QuoteAttestation quote = QuoteAttestation::parse(evidence.message);
    json["qualifiedSigner"] = base::hex(quote.qualified_signer);
    json["reportData"] = base::hex(quote.extra_data);
    json["clock"] = static_cast<std::int64_t>(quote.clock);
    json["clockSafe"] = quote.clock_safe;
    json["resetCount"] = quote.reset_count;
    json["restartCount"] = quote.restart_count;
    json["firmwareVersion"] = base::hex_number(quote.firmware_version);
    json["pcrDigest"] = base::hex(quote.pcr_digest);
  } catch (const Error& error) {
    json["problem"] = error.what();
  }
  return json;
}

Json report_json(const TpmEvidence& evidence, const attestation::TpmVerification& found, bool enrolled) {
  Json json{Json::Object{{"schema", "bulkhead.verification/v1"},
                         {"evidence", "tpm"},
                         {"genuine", found.genuine()},
                         {"signaturesValid", found.signatures_valid},
                         {"origin", enrolled ? "enrolled" : "unknown"},
                         {"akPublic", base::base64(evidence.ak_public)},
                         {"akSha256", base::sha256(evidence.ak_public).hex()},
                         {"sha256", quote_json(evidence.quote)},
                         {"checks", checks_json(found.checks)}}};
  if (!evidence.bulkhead) return json;
  json["guest"] = evidence.bulkhead->guest;
  json["sha384"] = quote_json(evidence.bulkhead->sha384_quote);
  return json;
}

void print(const TpmEvidence& evidence, const attestation::TpmVerification& found, bool enrolled, Console& console) {
  console.out << "TPM evidence under the key " << base::sha256(evidence.ak_public).hex() << "\n";
  if (evidence.bulkhead) console.out << "guest " << evidence.bulkhead->guest << "\n";
  for (std::size_t i = 0; i < evidence.quote.pcrs.size(); ++i)
    console.out << "  sha256 PCR " << i << (i < 10 ? "  " : " ") << base::hex(evidence.quote.pcrs[i]) << "\n";
  print_checks(found.checks, console);
  if (found.signatures_valid && !enrolled)
    console.out << "signature valid, origin " << coloured(console, "unknown", "31")
                << ": no enrolled key given (--ak)\n";
}

}  // namespace

int verify_tpm(const VerifyTpmOptions& options, Console& console) {
  const attestation::TpmExpectation expected = expectation(options);
  const TpmEvidence evidence = read_evidence(options.evidence);
  const attestation::TpmVerification found = attestation::verify_tpm(evidence, expected);
  const bool enrolled = expected.enrolled_key == evidence.ak_public;
  if (options.json)
    console.out << report_json(evidence, found, enrolled).pretty();
  else
    print(evidence, found, enrolled, console);
  return found.genuine() ? 0 : base::exit_code(Kind::not_attested);
}

}  // namespace cli
