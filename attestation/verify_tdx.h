#pragma once
#include <optional>

#include "attestation/check.h"
#include "attestation/tcb_evaluation.h"
#include "attestation/tdx_collateral.h"

/// Is a TDX quote genuine: did the quoting enclave of a platform that Intel certified make it, and what does Intel say
/// about that platform? Whether the TD is the one its owner approved is appraisal's question.
/// Source: Intel SGX TDX DCAP Quote Verification Library, section 4.1.2.4; Intel TDX DCAP Quoting Library API, appendix
/// A.
namespace attestation {

/// What is believed when a platform is judged.
struct TdxRequest {
  std::vector<base::X509Certificate> roots;    ///< intel_sgx_root()
  std::int64_t time = 0;                       ///< seconds since the epoch: when everything must be valid
  std::int64_t grace = 0;                      ///< seconds that collateral may be older than its nextUpdate
  std::int64_t minimum_evaluation_number = 0;  ///< collateral of an earlier TCB recovery is a rollback
};

/// A signed document that was used.
struct UsedDocument {
  std::string name;  ///< "tcbInfo", "qeIdentity"
  DocumentEdition edition;
};

/// A platform with everything that does not depend on one of its quotes. Judging it takes a dozen signatures and some
/// parsing; a service does it once for all quotes with the same certification data, and again when time or collateral
/// change.
struct JudgedPlatform {
  std::vector<Check> pck_checks, document_checks;
  bool certified = false;              ///< the PCK's chain and extension are good, revocation apart
  std::optional<base::PublicKey> pck;  ///< absent when there is no PCK, or one with a key of another kind
  std::optional<PckExtension> facts;   ///< what Intel certified
  std::optional<TcbInfo> tcb_info;     ///< only with a good signature; likewise the next
  std::optional<QeIdentity> qe_identity;
  std::vector<UsedDocument> documents;  ///< whether or not their signatures are good
};
/// Takes of `collateral` what fits the platform that `quote` says it is of. Never throws for what is wrong with either.
JudgedPlatform judge_platform(const measurement::TdQuote& quote, const TdxCollateral& collateral,
                              const TdxRequest& request);

struct TdxVerification {
  bool genuine = false;              ///< every mandatory check is ok
  bool signatures_valid = false;     ///< from the pinned root down to the quote; says nothing about revocation and TCB
  std::vector<Check> checks;         ///< in the order they were made; "reportData" only when it is asked for
  std::optional<TcbEvaluation> tcb;  ///< only with both documents
};

/// Verifies a quote of that platform. A TCB status other than Revoked and NotSupported does not keep it from being
/// genuine: it is reported, and appraised elsewhere.
/// @param report_data what the quote must carry: up to 64 bytes, then zeros
TdxVerification verify_tdx(const measurement::TdQuote& quote, const JudgedPlatform& platform,
                           const std::optional<base::Buffer>& report_data = std::nullopt);

}  // namespace attestation
