#include "attestation/verify_tdx.h"

#include <algorithm>

#include "attestation/tdx_steps.h"
#include "base/crypto.h"
#include "base/ecdsa_p256.h"
#include "base/encoding.h"
#include "base/error.h"

namespace attestation {
namespace {

using measurement::TdQuote;

constexpr std::string_view intel_qe_vendor = "939a7233f79c4ca9940a0db3957f0607";

std::string verdict_text(bool good) {
  return good ? "verifies" : "does not verify";
}

template <std::size_t N>
bool equal_under(const std::array<std::uint8_t, N>& mask, const std::array<std::uint8_t, N>& got,
                 const std::array<std::uint8_t, N>& wanted) {
  for (std::size_t i = 0; i < N; ++i)
    if (((got[i] ^ wanted[i]) & mask[i]) != 0) return false;
  return true;
}

template <std::size_t N>
std::string under(const std::array<std::uint8_t, N>& mask, const std::array<std::uint8_t, N>& value) {
  return base::hex(value) + " under the mask " + base::hex(mask);
}

bool check_qe_report(const TdQuote& quote, const JudgedPlatform& platform, Checks& checks) {
  const std::string wanted = "signed by the PCK";
  if (!platform.pck) {
    checks.not_checked("qeReportSignature", "the PCK is not known", wanted);
    return false;
  }
  const bool good = platform.pck->verifies_es256(quote.qe_report_bytes, quote.qe_report_signature);
  return checks.add("qeReportSignature", good, verdict_text(good), wanted);
}

/// The quoting enclave vouches for the attestation key in its report data.
bool check_attestation_key(const TdQuote& quote, Checks& checks) {
  base::Buffer bound(quote.attestation_key.begin(), quote.attestation_key.end());
  base::append(bound, quote.qe_authentication_data);
  std::array<std::uint8_t, 64> wanted{};
  std::ranges::copy(base::sha256(bound).bytes, wanted.begin());
  const auto& got = quote.qe_report.report_data;
  return checks.add("attestationKey", got == wanted, base::hex(got), base::hex(wanted) + " in the QE report");
}

bool check_quote_signature(const TdQuote& quote, Checks& checks) {
  const std::string wanted = "signed by the attestation key";
  try {
    const base::PublicKey key = base::p256_public_key(quote.attestation_key, "attestation key");
    const bool good = key.verifies_es256(quote.signed_bytes, quote.signature);
    return checks.add("quoteSignature", good, verdict_text(good), wanted);
  } catch (const base::Error&) {
    return checks.add("quoteSignature", false, "the attestation key is no point of P-256", wanted);
  }
}

void check_report_data(const TdQuote& quote, const std::optional<base::Buffer>& asked, Checks& checks) {
  if (!asked) return;
  base::Buffer wanted = *asked;
  wanted.resize(std::max(wanted.size(), quote.report_data.size()));
  checks.add("reportData", base::equal_in_constant_time(wanted, quote.report_data), base::hex(quote.report_data),
             base::hex(wanted));
}

/// The enclave that made the quote is the one Intel calls its quoting enclave.
void check_identity(const QeIdentity& identity, const TdQuote& quote, Checks& checks) {
  const measurement::EnclaveReport& report = quote.qe_report;
  checks.add("qeMiscSelect", equal_under(identity.misc_select_mask, report.misc_select, identity.misc_select),
             base::hex(report.misc_select), under(identity.misc_select_mask, identity.misc_select));
  checks.add("qeAttributes", equal_under(identity.attributes_mask, report.attributes, identity.attributes),
             base::hex(report.attributes), under(identity.attributes_mask, identity.attributes));
  checks.add("qeMrSigner", report.mr_signer == identity.mr_signer, base::hex(report.mr_signer),
             base::hex(identity.mr_signer));
  checks.add("qeProductId", report.isv_prod_id == identity.isv_prod_id, std::to_string(report.isv_prod_id),
             std::to_string(identity.isv_prod_id));
}

void check_module(const TcbInfo& info, const TdQuote& quote, Checks& checks) {
  const std::uint8_t major = quote.tee_tcb_svn[1];
  const TdxModuleSigner* signer = &info.module;
  if (major > 0) {
    const TdxModuleIdentity* const identity = find_module_identity(info, major);
    if (!checks.add("tdxModule", identity != nullptr, "major version " + std::to_string(major),
                    "a version that Intel's TCB info knows"))
      return;
    signer = &identity->signer;
  }
  checks.add("tdxModuleSigner", quote.mr_signer_seam == signer->mr_signer, quote.mr_signer_seam.hex(),
             signer->mr_signer.hex());
  checks.add("tdxModuleAttributes", equal_under(signer->attributes_mask, quote.seam_attributes, signer->attributes),
             base::hex(quote.seam_attributes), under(signer->attributes_mask, signer->attributes));
}

std::optional<TcbEvaluation> check_tcb(const TdQuote& quote, const JudgedPlatform& platform, Checks& checks) {
  const std::string wanted = "neither Revoked nor NotSupported";
  if (!platform.facts || !platform.tcb_info || !platform.qe_identity) {
    checks.not_checked("tcbStatus", "no TCB info and QE identity to be believed", wanted);
    return std::nullopt;
  }
  TcbSubject subject{.component_svns = platform.facts->component_svns,
                     .pce_svn = platform.facts->pce_svn,
                     .tee_tcb_svn = quote.tee_tcb_svn,
                     .current = std::nullopt,
                     .qe_isv_svn = quote.qe_report.isv_svn};
  if (quote.later) subject.current = quote.later->tee_tcb_svn;
  TcbEvaluation found = evaluate_tcb(*platform.tcb_info, *platform.qe_identity, subject);
  checks.add("tcbStatus", found.status != TcbStatus::revoked && found.status != TcbStatus::not_supported,
             std::string(name_of(found.status)), wanted);
  return found;
}

}  // namespace

JudgedPlatform judge_platform(const TdQuote& quote, const TdxCollateral& collateral, const TdxRequest& request) {
  ChainMaterial material{request, collateral.x509.certificates, collateral.x509.revocation_lists};
  JudgedPlatform platform;
  judge_pck(quote, collateral, material, platform);
  judge_documents(collateral, material, platform);
  return platform;
}

TdxVerification verify_tdx(const TdQuote& quote, const JudgedPlatform& platform,
                           const std::optional<base::Buffer>& report_data) {
  Checks checks;
  const std::string vendor = base::hex(quote.qe_vendor);
  checks.add("qeVendor", vendor == intel_qe_vendor, vendor, std::string(intel_qe_vendor) + " (Intel)");
  checks.append(platform.pck_checks);
  const bool report = check_qe_report(quote, platform, checks);
  const bool key = check_attestation_key(quote, checks);
  const bool signature = check_quote_signature(quote, checks);
  check_report_data(quote, report_data, checks);
  checks.append(platform.document_checks);
  if (platform.qe_identity) check_identity(*platform.qe_identity, quote, checks);
  if (platform.tcb_info) check_module(*platform.tcb_info, quote, checks);
  TdxVerification found;
  found.tcb = check_tcb(quote, platform, checks);
  found.signatures_valid = platform.certified && report && key && signature;
  found.checks = std::move(checks).take();
  found.genuine = all_mandatory_ok(found.checks);
  return found;
}

}  // namespace attestation
