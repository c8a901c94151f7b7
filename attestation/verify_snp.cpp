#include "attestation/verify_snp.h"

#include "attestation/snp_checks.h"
#include "base/error.h"

namespace attestation {
namespace {

using measurement::SnpReport;

void read_facts(JudgedVek& vek) {
  try {
    vek.facts = read_vek_certificate(vek.certificate);
    base::PublicKey key = vek.certificate.public_key();
    if (key.algorithm() == "EC P-384")
      vek.key = std::move(key);
    else
      vek.problem = "its key is " + key.algorithm();
  } catch (const base::Error& error) {
    vek.problem = error.what();
  }
}

bool names_chip(const VekCertificate& vek, const SnpReport& report) {
  return vek.kind == VekCertificate::Kind::vlek || chip_id_masked(report) ||
         std::equal(vek.hardware_id.begin(), vek.hardware_id.end(), report.chip_id.begin());
}

/// How well a certificate fits the report by what it says of itself; 0: not of the right kind.
int fit(const base::X509Certificate& certificate, const SnpReport& report) {
  const auto kind = vek_kind(certificate);
  if (!kind || (signing_key(report) && kind != signing_key(report))) return 0;
  try {
    const VekCertificate vek = read_vek_certificate(certificate);
    const auto product = report.host_cpu ? product_of_cpu(*report.host_cpu) : std::nullopt;
    return 2 + (names_chip(vek, report) ? 4 : 0) + (!product || vek.product == *product ? 2 : 0) +
           (split_tcb(report.reported_tcb, vek.product) == vek.tcb ? 1 : 0);
  } catch (const base::Error&) {
    return 1;
  }
}

/// For certificates that fit equally: whether its key signed the report, then whether it is valid at that time. A
/// masked chip id leaves all chips' keys of a store, a renewed VLEK two with one TCB.
int tie_break(const base::X509Certificate& certificate, base::Bytes bytes, const SnpReport& report, std::int64_t time) {
  JudgedVek vek{certificate, {}, {}, {}, {}, {}};
  read_facts(vek);
  const bool signed_by = snp_checks::signature(bytes, report, &vek).outcome == Check::Outcome::ok;
  const bool valid = certificate.not_before() <= time && time <= certificate.not_after();
  return (signed_by ? 2 : 0) + (valid ? 1 : 0);
}

/// The certificate that fits best; the first of several. At most 64 that fit equally are tried.
const base::X509Certificate* best_fit(const std::vector<base::X509Certificate>& certificates, base::Bytes bytes,
                                      const SnpReport& report, std::int64_t time) {
  constexpr std::size_t most_tried = 64;
  std::vector<const base::X509Certificate*> best;
  int best_fit = 1;
  for (const base::X509Certificate& certificate : certificates) {
    const int this_fit = fit(certificate, report);
    if (this_fit < best_fit) continue;
    if (this_fit > best_fit) best.clear();
    best_fit = this_fit;
    if (best.size() < most_tried) best.push_back(&certificate);
  }
  if (best.size() < 2) return best.empty() ? nullptr : best.front();
  return *std::ranges::max_element(
      best, {}, [&](const auto* certificate) { return tie_break(*certificate, bytes, report, time); });
}

SnpVerdict checked(base::Bytes bytes, SnpReport report, const JudgedVek* key, const SnpExpectation& expected) {
  SnpVerdict verdict;
  verdict.checks = {snp_checks::reserved_bits(report),
                    snp_checks::signature_algorithm(report),
                    snp_checks::signing_key(report),
                    snp_checks::chip_key(report),
                    snp_checks::product(report, key, expected),
                    snp_checks::certificate(report, key),
                    snp_checks::chain(key),
                    snp_checks::validity(key),
                    snp_checks::revocation(key),
                    snp_checks::tcb(report, key),
                    snp_checks::chip_id(report, key),
                    snp_checks::chip_id_disclosed(report),
                    snp_checks::signature(bytes, report, key)};
  if (expected.minimum_version) verdict.checks.push_back(snp_checks::version(report, *expected.minimum_version));
  if (expected.report_data) verdict.checks.push_back(snp_checks::report_data(report, *expected.report_data));
  if (report.host_cpu) verdict.product = product_of_cpu(*report.host_cpu);
  if (!verdict.product && key != nullptr && key->facts) verdict.product = key->facts->product;
  if (key != nullptr) verdict.key = *key;
  verdict.report = std::move(report);
  return verdict;
}

}  // namespace

JudgedVek judge_vek(const base::X509Certificate& certificate, const VekContext& context) {
  JudgedVek vek{certificate, {}, {}, {}, {}, {}};
  read_facts(vek);
  base::ChainRequest request{
      .revocation_lists = context.revocation_lists, .time = context.time, .demand = context.demand};
  for (const SnpRoot& root : context.anchors->roots) request.roots.push_back(root.certificate);
  request.others = context.anchors->intermediates;
  request.others.insert(request.others.end(), context.others.begin(), context.others.end());
  vek.chain = base::verify_chain(certificate, request);
  for (const SnpRoot& root : context.anchors->roots)
    if (root.certificate.fingerprint() == vek.chain.chain.back().fingerprint()) vek.root_product = root.product;
  return vek;
}

SnpVerdict verify_snp(base::Bytes report, const JudgedVek* key, const SnpExpectation& expected) {
  return checked(report, measurement::read_snp_report(report), key, expected);
}

SnpVerdict verify_snp(base::Bytes report, const std::vector<base::X509Certificate>& certificates,
                      const VekContext& context, const SnpExpectation& expected) {
  SnpReport parsed = measurement::read_snp_report(report);
  const base::X509Certificate* const certificate = best_fit(certificates, report, parsed, context.time);
  if (certificate == nullptr) return checked(report, std::move(parsed), nullptr, expected);
  VekContext with_all = context;
  with_all.others.insert(with_all.others.end(), certificates.begin(), certificates.end());
  const JudgedVek key = judge_vek(*certificate, with_all);
  return checked(report, std::move(parsed), &key, expected);
}

std::optional<VekCertificate::Kind> signing_key(const SnpReport& report) noexcept {
  switch ((report.key_info >> 2U) & 7U) {
    case 0:
      return VekCertificate::Kind::vcek;
    case 1:
      return VekCertificate::Kind::vlek;
    default:
      return std::nullopt;
  }
}

bool chip_id_masked(const SnpReport& report) noexcept {
  return std::ranges::all_of(report.chip_id, [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace attestation
