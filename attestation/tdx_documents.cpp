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

/// TCB infos for this platform.
Candidates<TcbInfo> fitting_infos(const TdxCollateral& collateral, const std::optional<PckExtension>& platform) {
  Candidates<TcbInfo> fitting;
  for (const Signed<TcbInfo>& candidate : collateral.tcb_infos) {
    const TcbInfo& info = candidate.document;
    if (platform && info.fmspc == platform->fmspc && info.pce_id == platform->pce_id) fitting.push_back(&candidate);
  }
  return fitting;
}

Candidates<QeIdentity> all_identities(const TdxCollateral& collateral) {
  Candidates<QeIdentity> all;
  for (const Signed<QeIdentity>& candidate : collateral.qe_identities) all.push_back(&candidate);
  return all;
}

bool verifies(const X509Certificate& signer, std::string_view body, const std::array<std::uint8_t, 64>& signature) {
  try {
    return signer.public_key().verifies_es256(base::bytes_of(body), signature);
  } catch (const base::Error&) {
    return false;  // a key of another kind
  }
}

/// A certificate whose key verifies a document, and what there is to say of its chain.
struct Signer {
  Checks checks;
  bool chain_good = false;
};

/// Intel issues its signing certificate anew for the same key: of several, one that is good is taken.
template <typename Document>
std::optional<Signer> find_signer(const std::string& name, const Signed<Document>& document,
                                  const ChainMaterial& material) {
  std::optional<Signer> found;
  for (const X509Certificate& certificate : material.others) {
    if (certificate.common_name() != signer_name || !verifies(certificate, document.body, document.signature)) continue;
    Signer signer;
    signer.chain_good = check_chain(name + "Signer", certificate, {signer_name, intel_root_name}, Newer::allowed,
                                    material, signer.checks);
    const bool good = all_mandatory_ok(signer.checks.list());
    if (good || !found) found = std::move(signer);
    if (good) break;
  }
  return found;
}

/// Whether somebody under the root signed the document.
template <typename Document>
bool check_signature(const std::string& name, const Signed<Document>& document, const ChainMaterial& material,
                     Checks& checks) {
  const std::string wanted = std::string("signed by ") + signer_name;
  const auto named = [](const X509Certificate& certificate) { return certificate.common_name() == signer_name; };
  if (std::ranges::none_of(material.others, named)) {
    checks.not_checked(name + "Signature", "no certificate of the signer given", wanted);
    return false;
  }
  const std::optional<Signer> signer = find_signer(name, document, material);
  if (!signer) return checks.add(name + "Signature", false, "does not verify", wanted);
  checks.add(name + "Signature", true, "verifies", wanted);
  checks.append(signer->checks.list());
  return signer->chain_good;
}

void check_edition(const std::string& name, const DocumentEdition& edition, const TdxRequest& request, Checks& checks) {
  std::string wanted = "valid at " + base::utc_text(request.time);
  if (request.grace > 0) wanted += ", with a grace of " + std::to_string(request.grace) + " s";
  checks.add(name + "Freshness", is_fresh(edition, request),
             base::utc_text(edition.issued) + " to " + base::utc_text(edition.next_update), wanted);
  checks.add(name + "EvaluationNumber", edition.evaluation_number >= request.minimum_evaluation_number,
             std::to_string(edition.evaluation_number),
             "at least " + std::to_string(request.minimum_evaluation_number));
}

/// The document, when its signature is good.
template <typename Document>
std::optional<Document> judged(const std::string& name, const Candidates<Document>& candidates,
                               const std::string& missing, const ChainMaterial& material, JudgedPlatform& platform,
                               Checks& checks) {
  const Signed<Document>* const chosen = best_of<Document>(candidates, material.request);
  if (chosen == nullptr) {
    checks.not_checked(name + "Signature", missing, std::string("one signed by ") + signer_name);
    return std::nullopt;
  }
  const bool good = check_signature(name, *chosen, material, checks);
  check_edition(name, chosen->document.edition, material.request, checks);
  platform.documents.push_back({name, chosen->document.edition});
  return good ? std::optional(chosen->document) : std::nullopt;
}

std::string missing_info(const TdxCollateral& collateral, const std::optional<PckExtension>& platform) {
  if (!platform) return "the platform is not known";
  std::string given;
  for (const Signed<TcbInfo>& other : collateral.tcb_infos)
    given += (given.empty() ? "" : ", ") + base::hex(other.document.fmspc);
  return "no TCB info for FMSPC " + base::hex(platform->fmspc) +
         (given.empty() ? std::string() : ", only for " + given);
}

}  // namespace

void judge_documents(const TdxCollateral& collateral, const ChainMaterial& material, JudgedPlatform& platform) {
  Checks checks;
  platform.tcb_info = judged("tcbInfo", fitting_infos(collateral, platform.facts),
                             missing_info(collateral, platform.facts), material, platform, checks);
  platform.qe_identity = judged("qeIdentity", all_identities(collateral), "no identity of the TD quoting enclave",
                                material, platform, checks);
  platform.document_checks = std::move(checks).take();
}

}  // namespace attestation
