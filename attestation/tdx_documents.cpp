#include <algorithm>

#include "attestation/tdx_steps.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/utc_time.h"

namespace attestation {
namespace {

using base::X509Certificate;

constexpr const char* signer_name = "Intel SGX TCB Signing";

template <typename Document>
using Candidates = std::vector<const Signed<Document>*>;

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

bool is_fresh(const DocumentEdition& edition, const TdxRequest& request) {
  return edition.issued <= request.time && request.time <= edition.next_update + request.grace;
}

/// Of several, a fresh one before a stale one, then the latest.
template <typename Document>
const Signed<Document>* best_of(const Candidates<Document>& candidates, const TdxRequest& request) {
  const auto rank = [&](const Signed<Document>* candidate) {
    const DocumentEdition& edition = candidate->document.edition;
    return std::tuple(is_fresh(edition, request), edition.evaluation_number, edition.issued);
  };
  const auto best = std::ranges::max_element(candidates, {}, rank);
  return best == candidates.end() ? nullptr : *best;
}

/// TCB infos for the platform of the quote.
Candidates<TcbInfo> fitting_infos(const TdxState& state) {
  Candidates<TcbInfo> fitting;
  for (const Signed<TcbInfo>& candidate : state.collateral.tcb_infos) {
    const auto& platform = state.found.platform;
    const TcbInfo& info = candidate.document;
    if (platform && info.fmspc == platform->fmspc && info.pce_id == platform->pce_id) fitting.push_back(&candidate);
  }
  return fitting;
}

Candidates<QeIdentity> identities(const TdxState& state) {
  Candidates<QeIdentity> all;
  for (const Signed<QeIdentity>& candidate : state.collateral.qe_identities) all.push_back(&candidate);
  return all;
}

bool verifies(const X509Certificate& signer, std::string_view body, const std::array<std::uint8_t, 64>& signature) {
  try {
    return signer.public_key().verifies_es256(base::bytes_of(body), signature);
  } catch (const base::Error&) {
    return false;  // a key of another kind
  }
}

/// Whether somebody under the root signed the document; who it must be, `path` of check_chain says.
template <typename Document>
bool check_signature(const std::string& name, const Signed<Document>& document, TdxState& state) {
  const std::string wanted = std::string("signed by ") + signer_name;
  bool any = false;
  for (const X509Certificate& signer : state.material.others) {
    if (signer.common_name() != signer_name) continue;
    any = true;
    if (!verifies(signer, document.body, document.signature)) continue;
    state.checks.add(name + "Signature", true, "verifies", wanted);
    return check_chain(name + "Signer", signer, {signer_name, intel_root_name}, Newer::allowed, state.material,
                       state.checks);
  }
  if (any) return state.checks.add(name + "Signature", false, "does not verify", wanted);
  state.checks.not_checked(name + "Signature", "no certificate of the signer given", wanted);
  return false;
}

void check_edition(const std::string& name, const DocumentEdition& edition, TdxState& state) {
  const TdxRequest& request = state.material.request;
  std::string wanted = "valid at " + base::utc_text(request.time);
  if (request.grace > 0) wanted += ", with a grace of " + std::to_string(request.grace) + " s";
  state.checks.add(name + "Freshness", is_fresh(edition, request),
                   base::utc_text(edition.issued) + " to " + base::utc_text(edition.next_update), wanted);
  state.checks.add(name + "EvaluationNumber", edition.evaluation_number >= request.minimum_evaluation_number,
                   std::to_string(edition.evaluation_number),
                   "at least " + std::to_string(request.minimum_evaluation_number));
  state.found.documents.push_back({name, edition});
}

/// The document, when its signature is good.
template <typename Document>
const Document* checked(const std::string& name, const Signed<Document>* chosen, const std::string& missing,
                        TdxState& state) {
  if (chosen == nullptr) {
    state.checks.not_checked(name + "Signature", missing, std::string("one signed by ") + signer_name);
    return nullptr;
  }
  const bool good = check_signature(name, *chosen, state);
  check_edition(name, chosen->document.edition, state);
  return good ? &chosen->document : nullptr;
}

std::string missing_info(const TdxState& state) {
  if (!state.found.platform) return "the platform is not known";
  std::string given;
  for (const Signed<TcbInfo>& other : state.collateral.tcb_infos)
    given += (given.empty() ? "" : ", ") + base::hex(other.document.fmspc);
  return "no TCB info for FMSPC " + base::hex(state.found.platform->fmspc) +
         (given.empty() ? std::string() : ", only for " + given);
}

/// The enclave that made the quote is the one Intel calls its quoting enclave.
void check_identity(const QeIdentity& identity, TdxState& state) {
  const measurement::EnclaveReport& report = state.quote.qe_report;
  Checks& checks = state.checks;
  checks.add("qeMiscSelect", equal_under(identity.misc_select_mask, report.misc_select, identity.misc_select),
             base::hex(report.misc_select), under(identity.misc_select_mask, identity.misc_select));
  checks.add("qeAttributes", equal_under(identity.attributes_mask, report.attributes, identity.attributes),
             base::hex(report.attributes), under(identity.attributes_mask, identity.attributes));
  checks.add("qeMrSigner", report.mr_signer == identity.mr_signer, base::hex(report.mr_signer),
             base::hex(identity.mr_signer));
  checks.add("qeProductId", report.isv_prod_id == identity.isv_prod_id, std::to_string(report.isv_prod_id),
             std::to_string(identity.isv_prod_id));
}

void check_module(const TcbInfo& info, TdxState& state) {
  const std::uint8_t major = state.quote.tee_tcb_svn[1];
  const TdxModuleSigner* signer = &info.module;
  if (major > 0) {
    const TdxModuleIdentity* const identity = find_module_identity(info, major);
    if (!state.checks.add("tdxModule", identity != nullptr, "major version " + std::to_string(major),
                          "a version that Intel's TCB info knows"))
      return;
    signer = &identity->signer;
  }
  state.checks.add("tdxModuleSigner", state.quote.mr_signer_seam == signer->mr_signer, state.quote.mr_signer_seam.hex(),
                   signer->mr_signer.hex());
  state.checks.add("tdxModuleAttributes",
                   equal_under(signer->attributes_mask, state.quote.seam_attributes, signer->attributes),
                   base::hex(state.quote.seam_attributes), under(signer->attributes_mask, signer->attributes));
}

void check_tcb(const TcbInfo& info, const QeIdentity& identity, TdxState& state) {
  const measurement::TdQuote& quote = state.quote;
  const PckExtension& platform = *state.found.platform;
  TcbSubject subject{.component_svns = platform.component_svns,
                     .pce_svn = platform.pce_svn,
                     .tee_tcb_svn = quote.tee_tcb_svn,
                     .current = std::nullopt,
                     .qe_isv_svn = quote.qe_report.isv_svn};
  if (quote.later) subject.current = quote.later->tee_tcb_svn;
  state.found.tcb = evaluate_tcb(info, identity, subject);
  const TcbStatus status = state.found.tcb->status;
  state.checks.add("tcbStatus", status != TcbStatus::revoked && status != TcbStatus::not_supported,
                   std::string(name_of(status)), "neither Revoked nor NotSupported");
}

}  // namespace

void check_tdx_documents(TdxState& state) {
  const TdxRequest& request = state.material.request;
  const TcbInfo* const info =
      checked("tcbInfo", best_of<TcbInfo>(fitting_infos(state), request), missing_info(state), state);
  const QeIdentity* const identity = checked("qeIdentity", best_of<QeIdentity>(identities(state), request),
                                             "no identity of the TD quoting enclave", state);
  if (identity != nullptr) check_identity(*identity, state);
  if (info != nullptr) check_module(*info, state);
  if (info != nullptr && identity != nullptr)
    check_tcb(*info, *identity, state);
  else
    state.checks.not_checked("tcbStatus", "no TCB info and QE identity to be believed", "both");
}

}  // namespace attestation
