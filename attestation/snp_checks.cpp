#include "attestation/snp_checks.h"

#include "base/ecdsa_p384.h"
#include "base/secret.h"

namespace attestation::snp_checks {
namespace {

using measurement::SnpReport;
using Outcome = Check::Outcome;
using Weight = Check::Weight;

constexpr std::uint32_t ecdsa_p384_sha384 = 1;
constexpr std::uint32_t mask_chip_key = 1U << 1U, key_info_reserved = ~0x1fU;
constexpr std::uint64_t policy_must_be_one = 1U << 17U, policy_reserved = ~((std::uint64_t{1} << 26U) - 1);

Check judged(std::string name, bool ok, std::string got, std::string wanted) {
  return {std::move(name), ok ? Outcome::ok : Outcome::failed, Weight::mandatory, std::move(got), std::move(wanted)};
}

/// A check that has to wait for something that is not there.
Check unasked(std::string name, Weight weight, std::string why, std::string wanted = {}) {
  return {std::move(name), Outcome::not_checked, weight, std::move(why), std::move(wanted)};
}

Check no_certificate(std::string name) {
  return unasked(std::move(name), Weight::mandatory, "no certificate of the signing key");
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text;
}

std::string kind_name(VekCertificate::Kind kind) {
  return kind == VekCertificate::Kind::vcek ? "VCEK" : "VLEK";
}

enum class About { chain, time, revocation };
About about(base::ChainProblem problem) {
  switch (problem) {
    case base::ChainProblem::expired:
    case base::ChainProblem::not_yet_valid:
      return About::time;
    case base::ChainProblem::revoked:
    case base::ChainProblem::crl_missing:
    case base::ChainProblem::crl_stale:
    case base::ChainProblem::crl_not_yet_valid:
    case base::ChainProblem::crl_bad_signature:
    case base::ChainProblem::crl_unsupported:
      return About::revocation;
    default:
      return About::chain;
  }
}

std::vector<std::string> findings(const JudgedVek& key, About which) {
  std::vector<std::string> texts;
  for (const base::ChainFinding& finding : key.chain.findings)
    if (about(finding.problem) == which)
      texts.push_back(std::string(base::chain_problem_name(finding.problem)) + ": " + finding.text);
  return texts;
}

/// "CN=SEV-VCEK < CN=SEV-Milan < CN=ARK-Milan": the first part of each subject.
std::string chain_names(const JudgedVek& key) {
  std::string text;
  for (const base::X509Certificate& certificate : key.chain.chain) {
    const std::string subject = certificate.subject();
    text += (text.empty() ? "" : " < ") + subject.substr(0, subject.find(','));
  }
  return text;
}

}  // namespace

Check reserved_bits(const SnpReport& report) {
  std::vector<std::string> problems = report.reserved;
  if ((report.policy & policy_must_be_one) == 0) problems.emplace_back("policy bit 17 is 0, wanted 1");
  if ((report.policy & policy_reserved) != 0)
    problems.push_back("policy has reserved bits: " + base::hex_number(report.policy & policy_reserved));
  if ((report.key_info & key_info_reserved) != 0)
    problems.push_back("key info has reserved bits: " + base::hex_number(report.key_info & key_info_reserved));
  return judged("reservedBits", problems.empty(), joined(problems), "every reserved bit as the firmware sets it");
}

Check signature_algorithm(const SnpReport& report) {
  return judged("signatureAlgorithm", report.signature_algorithm == ecdsa_p384_sha384,
                std::to_string(report.signature_algorithm), "1 (ECDSA P-384 with SHA-384)");
}

Check signing_key(const SnpReport& report) {
  const auto kind = attestation::signing_key(report);
  return judged("signingKey", kind.has_value(), kind ? kind_name(*kind) : std::to_string((report.key_info >> 2U) & 7U),
                "0 (VCEK) or 1 (VLEK)");
}

Check chip_key(const SnpReport& report) {
  const bool masked = (report.key_info & mask_chip_key) != 0;
  return judged("chipKey", !masked, masked ? "masked: the report is not signed" : "in use", "in use");
}

Check product(const SnpReport& report, const JudgedVek* key, const SnpExpectation& expected) {
  std::vector<std::string> got;
  std::vector<std::optional<SnpProduct>> all;
  const auto add = [&](const char* who, std::optional<SnpProduct> product) {
    got.push_back(who + std::string(" ") + (product ? std::string(product_name(*product)) : "unknown"));
    all.push_back(product);
  };
  if (report.host_cpu) add("CPUID", product_of_cpu(*report.host_cpu));
  if (key != nullptr && key->facts) add("certificate", key->facts->product);
  if (key != nullptr && key->root_product) add("root", key->root_product);
  const std::string wanted = expected.product ? std::string(product_name(*expected.product)) : "one and the same";
  if (all.empty()) return unasked("product", Weight::mandatory, "neither CPUID nor a certificate names it", wanted);
  const std::optional<SnpProduct> first = expected.product ? expected.product : all.front();
  const bool same = std::ranges::all_of(all, [&](const auto& product) { return product && product == first; });
  return judged("product", same, joined(got), wanted);
}

Check certificate(const SnpReport& report, const JudgedVek* key) {
  const auto kind = attestation::signing_key(report);
  const std::string wanted = kind ? "SEV-" + kind_name(*kind) + " with AMD's extensions and a key on P-384"
                                  : "the certificate of a VCEK or a VLEK";
  if (key == nullptr) return judged("certificate", false, "none was given", wanted);
  const bool right = key->facts && key->key && kind == key->facts->kind;
  return judged("certificate", right, key->certificate.subject() + (key->problem.empty() ? "" : ": " + key->problem),
                wanted);
}

Check chain(const JudgedVek* key) {
  if (key == nullptr) return no_certificate("chain");
  const auto problems = findings(*key, About::chain);
  return judged("chain", problems.empty() && key->root_product, problems.empty() ? chain_names(*key) : joined(problems),
                "signatures up to a pinned root of AMD's");
}

Check validity(const JudgedVek* key) {
  if (key == nullptr) return no_certificate("validity");
  const auto problems = findings(*key, About::time);
  return judged("validity", problems.empty(), joined(problems), "every certificate valid at the time asked for");
}

Check revocation(const JudgedVek* key) {
  const std::string wanted = "no certificate revoked by a current list";
  if (key == nullptr) return unasked("revocation", Weight::advisory, "no certificate of the signing key", wanted);
  const auto problems = findings(*key, About::revocation);
  if (!problems.empty()) return judged("revocation", false, joined(problems), wanted);
  if (!key->root_product) return unasked("revocation", Weight::advisory, "the chain reaches no root", wanted);
  // AMD revokes ASKs and ASVKs; a VCEK's issuer publishes no list.
  for (const std::size_t at : key->chain.without_revocation_list)
    if (at > 0) return unasked("revocation", Weight::advisory, "no revocation list was given", wanted);
  return judged("revocation", true, "not revoked", wanted);
}

Check tcb(const SnpReport& report, const JudgedVek* key) {
  if (key == nullptr || !key->facts) return no_certificate("tcb");
  const SnpTcb reported = split_tcb(report.reported_tcb, key->facts->product);
  return judged("tcb", reported == key->facts->tcb && reported.reserved_clear, "reported " + tcb_text(reported),
                "as in the certificate: " + tcb_text(key->facts->tcb));
}

Check chip_id(const SnpReport& report, const JudgedVek* key) {
  if (key == nullptr || !key->facts) return no_certificate("chipId");
  if (key->facts->kind == VekCertificate::Kind::vlek)
    return unasked("chipId", Weight::advisory, "a VLEK's certificate names no chip");
  base::Buffer wanted = key->facts->hardware_id;
  wanted.resize(report.chip_id.size());  // Turin's 8 bytes, then zeros
  if (chip_id_masked(report))
    return unasked("chipId", Weight::advisory, "the report's chip id is masked", base::hex(wanted));
  return judged("chipId", std::ranges::equal(report.chip_id, wanted), base::hex(report.chip_id), base::hex(wanted));
}

Check chip_id_disclosed(const SnpReport& report) {
  const bool masked = chip_id_masked(report);
  return {"chipIdDisclosed", masked ? Outcome::failed : Outcome::ok, Weight::advisory,
          masked ? "masked: 64 zero bytes" : "disclosed", "disclosed"};
}

Check signature(base::Bytes bytes, const SnpReport& report, const JudgedVek* key) {
  if (key == nullptr || !key->key) return no_certificate("signature");
  base::P384Signature numbers;
  std::ranges::reverse_copy(report.signature_r, numbers.r.begin());
  std::ranges::reverse_copy(report.signature_s, numbers.s.begin());
  const bool good =
      key->key->verifies(bytes.first(measurement::snp_report_signed_size), base::p384_signature_der(numbers));
  return judged("signature", good, good ? "verifies" : "does not verify", "by the certificate's key");
}

Check version(const SnpReport& report, std::uint32_t minimum) {
  return judged("version", report.version >= minimum, std::to_string(report.version),
                std::to_string(minimum) + " or later");
}

Check report_data(const SnpReport& report, const std::array<std::uint8_t, 64>& expected) {
  return judged("reportData", base::equal_in_constant_time(report.report_data, expected), base::hex(report.report_data),
                base::hex(expected));
}

}  // namespace attestation::snp_checks
