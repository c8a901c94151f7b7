#pragma once
#include <optional>

#include "attestation/check.h"
#include "attestation/tcb_evaluation.h"
#include "attestation/tdx_collateral.h"

/// Is a TDX quote genuine: did the quoting enclave of a platform that Intel certified make it, and what does Intel say
/// about that platform? Whether the TD is the one its owner approved is appraisal's question.
namespace attestation {

struct TdxRequest {
  std::vector<base::X509Certificate> roots;    ///< intel_sgx_root()
  std::int64_t time = 0;                       ///< seconds since the epoch: when everything must be valid
  std::int64_t grace = 0;                      ///< seconds that collateral may be older than its nextUpdate
  std::int64_t minimum_evaluation_number = 0;  ///< collateral of an earlier TCB recovery is a rollback
  std::optional<base::Buffer> report_data;     ///< what the quote must carry: up to 64 bytes, then zeros
};

/// A signed document that was used.
struct UsedDocument {
  std::string name;  ///< "tcbInfo", "qeIdentity"
  DocumentEdition edition;
};

struct TdxVerification {
  bool genuine = false;           ///< every mandatory check is ok
  bool signatures_valid = false;  ///< from the pinned root down to the quote; says nothing about revocation and TCB
  std::vector<Check> checks;      ///< in the order they were made; "reportData" only when it is asked for
  std::optional<PckExtension> platform;
  std::optional<TcbEvaluation> tcb;  ///< only from collateral whose signature and platform are right
  std::vector<UsedDocument> documents;
};

/// Verifies `quote` with `collateral`, of which it takes what fits the platform. A TCB status other than Revoked and
/// NotSupported does not keep a quote from being genuine: it is reported, and appraised elsewhere.
/// Source: Intel SGX TDX DCAP Quote Verification Library, section 4.1.2.4; Intel TDX DCAP Quoting Library API, appendix
/// A. Never throws for what is wrong with quote or collateral.
TdxVerification verify_tdx(const measurement::TdQuote& quote, const TdxCollateral& collateral,
                           const TdxRequest& request);

}  // namespace attestation
