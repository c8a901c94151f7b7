#include "attestation/tdx_chains.h"

#include <algorithm>

#include "base/certificate_chain.h"

namespace attestation {
namespace {

using base::ChainProblem;

constexpr std::string_view separator = " <- ";

bool is_about_revocation(ChainProblem problem) {
  switch (problem) {
    case ChainProblem::revoked:
    case ChainProblem::crl_missing:
    case ChainProblem::crl_stale:
    case ChainProblem::crl_not_yet_valid:
    case ChainProblem::crl_bad_signature:
    case ChainProblem::crl_unsupported:
      return true;
    default:
      return false;
  }
}

base::ChainVerdict verdict_at(const base::X509Certificate& leaf, const ChainMaterial& material, std::int64_t time) {
  return base::verify_chain(leaf, {.roots = material.request.roots,
                                   .others = material.others,
                                   .revocation_lists = material.revocation_lists,
                                   .time = time,
                                   .demand = base::RevocationDemand::every_certificate});
}

/// Drops findings of stale lists that were fresh within the grace: they are, if they were at its beginning.
void apply_grace(base::ChainVerdict& verdict, const base::X509Certificate& leaf, const ChainMaterial& material) {
  if (material.request.grace <= 0 || !verdict.has(ChainProblem::crl_stale)) return;
  const base::ChainVerdict earlier = verdict_at(leaf, material, material.request.time - material.request.grace);
  std::erase_if(verdict.findings, [&](const base::ChainFinding& finding) {
    return finding.problem == ChainProblem::crl_stale && !earlier.has(ChainProblem::crl_stale, finding.certificate);
  });
}

/// Drops what is no fault: collateral is often fetched after the evidence it is to judge.
void forgive_newer(base::ChainVerdict& verdict, Newer newer) {
  std::erase_if(verdict.findings, [&](const base::ChainFinding& finding) {
    const bool leaf = finding.problem == ChainProblem::not_yet_valid && finding.certificate == 0;
    return finding.problem == ChainProblem::crl_not_yet_valid || (leaf && newer == Newer::allowed);
  });
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : std::string(between)) + part;
  return text;
}

bool is_one_of(std::string_view name, std::string_view alternatives) {
  while (true) {
    const std::size_t bar = alternatives.find('|');
    if (name == alternatives.substr(0, bar)) return true;
    if (bar == std::string_view::npos) return false;
    alternatives.remove_prefix(bar + 1);
  }
}

bool follows(const std::vector<std::string>& names, const std::vector<std::string>& path) {
  return std::ranges::equal(names, path, is_one_of);
}

void check_revocation(const std::string& name, const std::vector<std::string>& problems, bool only_missing,
                      Checks& checks) {
  const std::string wanted = "a fresh revocation list of every issuer, and no certificate on one";
  if (only_missing && !problems.empty())
    checks.not_checked(name, joined(problems, "; "), wanted);
  else
    checks.add(name, problems.empty(), problems.empty() ? "not revoked" : joined(problems, "; "), wanted);
}

}  // namespace

bool check_chain(const std::string& name, const base::X509Certificate& leaf, const std::vector<std::string>& path,
                 Newer newer, const ChainMaterial& material, Checks& checks) {
  base::ChainVerdict verdict = verdict_at(leaf, material, material.request.time);
  apply_grace(verdict, leaf, material);
  forgive_newer(verdict, newer);
  std::vector<std::string> names, chain_problems, revocation_problems;
  for (const base::X509Certificate& certificate : verdict.chain) names.push_back(certificate.common_name());
  bool only_missing = true;
  for (const base::ChainFinding& finding : verdict.findings) {
    const bool revocation = is_about_revocation(finding.problem);
    (revocation ? revocation_problems : chain_problems).push_back(finding.text);
    if (revocation) only_missing = only_missing && finding.problem == ChainProblem::crl_missing;
  }
  const std::string shown = joined(names, separator);
  const bool good = chain_problems.empty() && follows(names, path);
  checks.add(name + "Chain", good, chain_problems.empty() ? shown : shown + ": " + joined(chain_problems, "; "),
             joined(path, separator) + ", valid at the time asked for, the last one pinned");
  // A chain that does not reach its root has issuers nobody asked about.
  if (verdict.chain.size() < path.size())
    checks.not_checked(name + "Revocation", "the chain is not complete", "a complete chain");
  else
    check_revocation(name + "Revocation", revocation_problems, only_missing, checks);
  return good;
}

}  // namespace attestation
