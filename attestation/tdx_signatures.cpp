#include <algorithm>

#include "attestation/tdx_steps.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/subject_public_key.h"

namespace attestation {
namespace {

using base::X509Certificate;
using measurement::TdQuote;

constexpr const char* pck_name = "Intel SGX PCK Certificate";
constexpr const char* pck_issuers = "Intel SGX PCK Platform CA|Intel SGX PCK Processor CA";
constexpr std::size_t report_data_size = 64;

std::string verdict_text(bool good) {
  return good ? "verifies" : "does not verify";
}

bool signed_qe_report(const X509Certificate& pck, const TdQuote& quote) {
  try {
    return pck.public_key().verifies_es256(quote.qe_report_bytes, quote.qe_report_signature);
  } catch (const base::Error&) {
    return false;  // a key of another kind
  }
}

/// The first certificate of the chain that the quote brings.
std::optional<X509Certificate> pck_of_quote(TdxState& state) {
  try {
    const base::X509Objects chain = base::parse_x509(state.quote.certification_data, "the quote's certification data");
    auto& others = state.material.others;
    others.insert(others.end(), chain.certificates.begin(), chain.certificates.end());
    if (!chain.certificates.empty()) return chain.certificates.front();
    state.checks.add("pckChain", false, "no certificate in the quote's certification data", pck_name);
  } catch (const base::Error& error) {
    state.checks.add("pckChain", false, error.what(), pck_name);
  }
  return std::nullopt;
}

/// Of a quote that only names its PCK: the certificate given whose key signed the QE report.
std::optional<X509Certificate> pck_of_collateral(TdxState& state) {
  for (const X509Certificate& candidate : state.collateral.x509.certificates)
    if (candidate.extension(sgx_extension_oid) && signed_qe_report(candidate, state.quote)) return candidate;
  state.checks.not_checked("pckChain",
                           "the quote brings no chain (certification data of type " +
                               std::to_string(state.quote.certification_type) +
                               "), and no certificate given signed its QE report",
                           pck_name);
  return std::nullopt;
}

bool check_extension(const X509Certificate& pck, TdxState& state) {
  const std::string wanted = "Intel's SGX extension, " + std::string(sgx_extension_oid);
  try {
    const std::optional<base::Buffer> extension = pck.extension(sgx_extension_oid);
    if (!extension) return state.checks.add("pckExtension", false, "no such extension", wanted);
    state.found.platform = parse_pck_extension(*extension);
  } catch (const base::Error& error) {
    return state.checks.add("pckExtension", false, error.what(), wanted);
  }
  return state.checks.add("pckExtension", true, "FMSPC " + base::hex(state.found.platform->fmspc), wanted);
}

/// The quoting enclave vouches for the attestation key in its report data.
bool check_attestation_key(TdxState& state) {
  base::Buffer bound(state.quote.attestation_key.begin(), state.quote.attestation_key.end());
  base::append(bound, state.quote.qe_authentication_data);
  std::array<std::uint8_t, report_data_size> wanted{};
  std::ranges::copy(base::sha256(bound).bytes, wanted.begin());
  const auto& got = state.quote.qe_report.report_data;
  return state.checks.add("attestationKey", got == wanted, base::hex(got), base::hex(wanted) + " in the QE report");
}

bool check_quote_signature(TdxState& state) {
  const TdQuote& quote = state.quote;
  const std::string wanted = "signed by the attestation key";
  try {
    const auto key =
        base::PublicKey::from_der(base::p256_subject_public_key_info(quote.attestation_key), "attestation key");
    const bool good = key.verifies_es256(quote.signed_bytes, quote.signature);
    return state.checks.add("quoteSignature", good, verdict_text(good), wanted);
  } catch (const base::Error&) {
    return state.checks.add("quoteSignature", false, "the attestation key is no point of P-256", wanted);
  }
}

}  // namespace

bool check_tdx_signatures(TdxState& state) {
  const bool brought = state.quote.certification_type == measurement::pck_chain_certification;
  const std::optional<X509Certificate> pck = brought ? pck_of_quote(state) : pck_of_collateral(state);
  bool good = pck.has_value();
  if (pck) {
    good &= check_chain("pck", *pck, {pck_name, pck_issuers, intel_root_name}, Newer::refused, state.material,
                        state.checks);
    good &= check_extension(*pck, state);
    const bool report = signed_qe_report(*pck, state.quote);
    good &= state.checks.add("qeReportSignature", report, verdict_text(report), "signed by the PCK");
  }
  good &= check_attestation_key(state);
  good &= check_quote_signature(state);
  return good;
}

}  // namespace attestation
