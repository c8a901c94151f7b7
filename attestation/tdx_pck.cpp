#include "attestation/tdx_steps.h"
#include "base/encoding.h"
#include "base/error.h"

namespace attestation {
namespace {

using base::X509Certificate;
using measurement::TdQuote;

constexpr const char* pck_name = "Intel SGX PCK Certificate";
constexpr const char* pck_issuers = "Intel SGX PCK Platform CA|Intel SGX PCK Processor CA";

std::optional<base::PublicKey> key_of(const X509Certificate& certificate) {
  try {
    return certificate.public_key();
  } catch (const base::Error&) {
    return std::nullopt;  // a key of another kind
  }
}

/// The first certificate of the chain that the quote brings.
std::optional<X509Certificate> pck_of_quote(const TdQuote& quote, ChainMaterial& material, Checks& checks) {
  try {
    const base::X509Objects chain = base::parse_x509(quote.certification_data, "the quote's certification data");
    material.others.insert(material.others.end(), chain.certificates.begin(), chain.certificates.end());
    if (!chain.certificates.empty()) return chain.certificates.front();
    checks.add("pckChain", false, "no certificate in the quote's certification data", pck_name);
  } catch (const base::Error& error) {
    checks.add("pckChain", false, error.what(), pck_name);
  }
  return std::nullopt;
}

/// Of a quote that only names its PCK: the certificate given whose key signed the QE report.
std::optional<X509Certificate> pck_among(const std::vector<X509Certificate>& given, const TdQuote& quote,
                                         Checks& checks) {
  for (const X509Certificate& candidate : given) {
    if (!candidate.extension(sgx_extension_oid)) continue;
    const auto key = key_of(candidate);
    if (key && key->verifies_es256(quote.qe_report_bytes, quote.qe_report_signature)) return candidate;
  }
  checks.not_checked("pckChain",
                     "the quote brings no chain (certification data of type " +
                         std::to_string(quote.certification_type) + "), and no certificate given signed its QE report",
                     pck_name);
  return std::nullopt;
}

bool read_extension(const X509Certificate& pck, JudgedPlatform& platform, Checks& checks) {
  const std::string wanted = "Intel's SGX extension, " + std::string(sgx_extension_oid);
  try {
    const std::optional<base::Buffer> extension = pck.extension(sgx_extension_oid);
    if (!extension) return checks.add("pckExtension", false, "no such extension", wanted);
    platform.facts = parse_pck_extension(*extension);
  } catch (const base::Error& error) {
    return checks.add("pckExtension", false, error.what(), wanted);
  }
  return checks.add("pckExtension", true, "FMSPC " + base::hex(platform.facts->fmspc), wanted);
}

}  // namespace

void judge_pck(const TdQuote& quote, const TdxCollateral& collateral, ChainMaterial& material,
               JudgedPlatform& platform) {
  Checks checks;
  const bool brought = quote.certification_type == measurement::pck_chain_certification;
  const std::optional<X509Certificate> pck =
      brought ? pck_of_quote(quote, material, checks) : pck_among(collateral.x509.certificates, quote, checks);
  if (pck) {
    const bool chain =
        check_chain("pck", *pck, {pck_name, pck_issuers, intel_root_name}, Newer::refused, material, checks);
    const bool extension = read_extension(*pck, platform, checks);
    platform.certified = chain && extension;
    platform.pck = key_of(*pck);
  }
  platform.pck_checks = std::move(checks).take();
}

}  // namespace attestation
