#include "attestation/certificate_store.h"

#include <algorithm>

#include "attestation/snp_certificate_table.h"
#include "attestation/vek_certificate.h"
#include "base/certificate_chain.h"
#include "base/encoding.h"
#include "base/error.h"

namespace attestation {
namespace {

using base::Error;
using base::Kind;
using base::X509Certificate;
using base::X509RevocationList;

constexpr std::size_t digest_digits = 12;

std::string two_digits(unsigned value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

std::string short_digest(const base::Sha256& digest) {
  return digest.hex().substr(0, digest_digits);
}

/// "bl04_tee00_snp24_ucode219", with "_fmc07" on Turin: Trustee's names.
std::string tcb_name(const SnpTcb& tcb) {
  return "bl" + two_digits(tcb.bootloader) + "_tee" + two_digits(tcb.tee) + "_snp" + two_digits(tcb.snp) + "_ucode" +
         two_digits(tcb.microcode) + (tcb.fmc ? "_fmc" + two_digits(*tcb.fmc) : "");
}

bool same(const X509Certificate& a, const X509Certificate& b) {
  return std::ranges::equal(a.der(), b.der());
}

StoredFile file_of(const X509Certificate& certificate, std::string kind, std::string path, std::string subject) {
  return {std::move(kind),          std::move(path),         std::move(subject),
          certificate.not_before(), certificate.not_after(), base::buffer_of(certificate.der())};
}

/// Names what one import brings, once it is under its vendor's root.
class Sorter {
 public:
  Sorter(const StoreAnchors& anchors, std::vector<X509Certificate> issuers)
      : anchors_(anchors), issuers_(std::move(issuers)) {}

  /// nullopt for what is in the program.
  [[nodiscard]] std::optional<StoredFile> certificate(const X509Certificate& certificate, std::string_view name) const {
    for (const X509Certificate& known : embedded())
      if (same(known, certificate)) return std::nullopt;
    const std::optional<Vendor> vendor = vendor_of(certificate, name);
    if (vendor == Vendor::intel)
      return file_of(certificate, "intelCertificate", "intel/" + short_digest(certificate.fingerprint()) + ".der",
                     certificate.subject());
    if (!vek_kind(certificate))
      return file_of(certificate, "amdCertificate", "amd/" + short_digest(certificate.fingerprint()) + ".der",
                     certificate.subject());
    const VekCertificate vek = read_vek_certificate(certificate);
    if (vek.kind == VekCertificate::Kind::vcek)
      return file_of(
          certificate, "vcek", "vcek/" + base::hex(vek.hardware_id) + "/" + tcb_name(vek.tcb) + "_vcek.der",
          "chip " + base::hex(vek.hardware_id).substr(0, 16) + ", " + vek.product_text + ", " + tcb_text(vek.tcb));
    return file_of(certificate, "vlek",
                   "vlek/" + tcb_name(vek.tcb) + "_" + short_digest(certificate.fingerprint()) + ".der",
                   vek.provider + ", " + vek.product_text + ", " + tcb_text(vek.tcb));
  }

  [[nodiscard]] StoredFile list(const X509RevocationList& list, std::string_view name) const {
    for (const X509Certificate& issuer : all_issuers()) {
      if (!base::issued_by(list, issuer)) continue;
      const bool intel = vendor_of(issuer, name) == Vendor::intel;
      return {intel ? "intelRevocationList" : "amdRevocationList",
              std::string(intel ? "intel/" : "amd/") + short_digest(list.fingerprint()) + ".crl",
              list.issuer() + ", " + std::to_string(list.size()) + " revoked",
              list.this_update(),
              list.next_update(),
              base::buffer_of(list.der())};
    }
    throw Error(Kind::not_attested, std::string(name) + ": the revocation list of " + list.issuer() +
                                        " is signed by nobody of AMD's or Intel's who is known here");
  }

 private:
  enum class Vendor { amd, intel };

  [[nodiscard]] std::vector<X509Certificate> embedded() const {
    std::vector<X509Certificate> all = anchors_.amd->intermediates;
    for (const SnpRoot& root : anchors_.amd->roots) all.push_back(root.certificate);
    all.push_back(*anchors_.intel);
    return all;
  }
  [[nodiscard]] std::vector<X509Certificate> all_issuers() const {
    std::vector<X509Certificate> all = embedded();
    all.insert(all.end(), issuers_.begin(), issuers_.end());
    return all;
  }

  /// Whose root the certificate is under, whatever the time. @throws Error{not_attested}
  [[nodiscard]] std::optional<Vendor> vendor_of(const X509Certificate& certificate, std::string_view name) const {
    base::ChainRequest request{.others = all_issuers(), .time = certificate.not_after()};
    for (const SnpRoot& root : anchors_.amd->roots) request.roots.push_back(root.certificate);
    request.roots.push_back(*anchors_.intel);
    const base::ChainVerdict verdict = base::verify_chain(certificate, request);
    for (const base::ChainFinding& finding : verdict.findings) {
      if (finding.problem == base::ChainProblem::expired || finding.problem == base::ChainProblem::not_yet_valid)
        continue;
      throw Error(Kind::not_attested, std::string(name) + ": neither AMD's nor Intel's: " + finding.text);
    }
    return same(verdict.chain.back(), *anchors_.intel) ? Vendor::intel : Vendor::amd;
  }

  const StoreAnchors& anchors_;
  std::vector<X509Certificate> issuers_;
};

StoredFile documents_file(base::Bytes file, const TdxCollateral& collateral) {
  StoredFile stored{"tdxDocuments",       "tdx/" + short_digest(base::sha256(file)) + ".json", {}, 0, {},
                    base::buffer_of(file)};
  const auto add = [&](const std::string& subject, const DocumentEdition& edition) {
    stored.subject += (stored.subject.empty() ? "" : ", ") + subject;
    stored.from = std::max(stored.from, edition.issued);
    stored.until = std::min(stored.until.value_or(edition.next_update), edition.next_update);
  };
  for (const auto& info : collateral.tcb_infos)
    add("TCB info of FMSPC " + base::hex(info.document.fmspc), info.document.edition);
  for (const auto& identity : collateral.qe_identities)
    add("QE identity " + std::to_string(identity.document.edition.evaluation_number), identity.document.edition);
  return stored;
}

TdxCollateral parsed(base::Bytes file, std::string_view name) {
  TdxCollateral collateral;
  if (is_snp_certificate_table(file))
    collateral.x509 = snp_table_objects(file);
  else
    add_tdx_collateral(collateral, file, name);
  return collateral;
}

}  // namespace

std::vector<StoredFile> stored_files(base::Bytes file, std::string_view name, const StoreAnchors& anchors,
                                     const std::vector<X509Certificate>& known) {
  const TdxCollateral collateral = parsed(file, name);
  // A file with documents of Intel's stays as it is, with the certificates and lists that it holds beside them.
  if (!collateral.tcb_infos.empty() || !collateral.qe_identities.empty()) return {documents_file(file, collateral)};
  std::vector<X509Certificate> issuers = collateral.x509.certificates;
  issuers.insert(issuers.end(), known.begin(), known.end());
  const Sorter sorter(anchors, std::move(issuers));
  std::vector<StoredFile> files;
  for (const X509Certificate& certificate : collateral.x509.certificates)
    if (auto stored = sorter.certificate(certificate, name)) files.push_back(std::move(*stored));
  for (const X509RevocationList& list : collateral.x509.revocation_lists) files.push_back(sorter.list(list, name));
  return files;
}

std::string vcek_folder(base::Bytes chip_id) {
  constexpr std::size_t turin_size = 8;
  const base::Bytes rest = chip_id.subspan(std::min(turin_size, chip_id.size()));
  const bool turin = std::ranges::all_of(rest, [](std::uint8_t byte) { return byte == 0; });
  return "vcek/" + base::hex(turin ? chip_id.first(std::min(turin_size, chip_id.size())) : chip_id);
}

}  // namespace attestation
