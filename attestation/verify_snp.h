#pragma once
#include "attestation/amd_roots.h"
#include "attestation/check.h"
#include "attestation/vek_certificate.h"
#include "base/certificate_chain.h"
#include "measurement/snp_report.h"

/// Is an SNP report genuine? Whether it is what an owner approved is another question (appraise.h).
namespace attestation {

/// What is believed and known when a signing key's certificate is judged.
struct VekContext {
  const SnpAnchors* anchors = &SnpAnchors::amd();
  std::vector<base::X509Certificate> others;  ///< may be issuers, whoever brought them
  std::vector<base::X509RevocationList> revocation_lists;
  std::int64_t time = 0;  ///< seconds since the epoch
  /// With `intermediates`, a verdict without AMD's list of revoked ASKs and ASVKs is not genuine.
  base::RevocationDemand demand = base::RevocationDemand::none;
};

/// A VCEK or VLEK with everything that does not depend on a report. Judging one costs two or three RSA verifications
/// and some parsing; a service does it once a key and again when the time, a list or an anchor changes.
struct JudgedVek {
  base::X509Certificate certificate;
  std::optional<VekCertificate> facts;  ///< absent when AMD's extensions do not read
  std::optional<base::PublicKey> key;   ///< absent when it is not on P-384
  std::string problem;                  ///< why facts or key are absent
  base::ChainVerdict chain;
  std::optional<SnpProduct> root_product;  ///< of the pinned root that the chain reached
};
JudgedVek judge_vek(const base::X509Certificate& certificate, const VekContext& context);

/// What the caller already knows of the report.
struct SnpExpectation {
  std::optional<SnpProduct> product;
  std::optional<std::array<std::uint8_t, 64>> report_data;
  std::optional<std::uint32_t> minimum_version;  ///< of the report: only from 3 on does it name its processor
};

struct SnpVerdict {
  measurement::SnpReport report;
  std::optional<SnpProduct> product;  ///< by the report's CPUID, or else the certificate
  std::optional<JudgedVek> key;
  std::vector<Check> checks;  ///< always the same names in the same order; "version" and "reportData" when expected
  [[nodiscard]] bool genuine() const { return all_mandatory_ok(checks); }
};

/// Checks a report against the key that should have signed it.
/// @param report 1184 bytes. @param key nullptr when there is no certificate for it: never genuine
/// @throws base::Error{malformed} when the bytes are no report of version 2 to 5; everything else is a check
SnpVerdict verify_snp(base::Bytes report, const JudgedVek* key, const SnpExpectation& expected);

/// The same, choosing the report's certificate among `certificates` (the rest may be issuers).
SnpVerdict verify_snp(base::Bytes report, const std::vector<base::X509Certificate>& certificates,
                      const VekContext& context, const SnpExpectation& expected);

/// Bits 2 to 4 of KEY_INFO. Source: AMD 56860 (SEV-SNP firmware ABI), ATTESTATION_REPORT
std::optional<VekCertificate::Kind> signing_key(const measurement::SnpReport& report) noexcept;
/// Whether the host told the firmware not to disclose the chip (MASK_CHIP_ID): 64 zero bytes.
bool chip_id_masked(const measurement::SnpReport& report) noexcept;

}  // namespace attestation
