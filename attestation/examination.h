#pragma once
#include <map>
#include <string>
#include <vector>

#include "attestation/amd_roots.h"
#include "attestation/approval.h"
#include "attestation/check.h"
#include "attestation/intel_root.h"
#include "attestation/lease.h"
#include "attestation/platform_cache.h"
#include "attestation/tdx_collateral.h"
#include "attestation/wire/kbs_messages.h"
#include "kms/release_policy.h"

/// Genuine, and approved? Both questions about one attestation, for each kind of evidence.
namespace attestation {

/// What the vendors say about their hardware, as it was received: nothing here is believed before it is verified.
struct VendorCollateral {
  TdxCollateral tdx;
  std::vector<base::X509Certificate> tdx_roots{intel_sgx_root()};  ///< pinned
  base::X509Objects snp;  ///< VCEKs and VLEKs, their issuers, AMD's revocation lists
  const SnpAnchors* snp_anchors = &SnpAnchors::amd();
};

/// Everything that the answer depends on besides the evidence.
struct ExaminationContext {
  const std::map<std::string, base::Buffer>& enrolled;  ///< attestation keys (DER SubjectPublicKeyInfo) by guest
  const Approval* approval = nullptr;                   ///< nullptr when none is loaded
  std::int64_t now = 0;                                 ///< seconds since the epoch
  const VendorCollateral* collateral = nullptr;         ///< what hardware evidence is verified with
  PlatformCache* platforms = nullptr;                   ///< TDX platforms judged with it
};

/// tcbEvaluationDataNumber of documents, by name: "tcbInfo 00806f050000", "qeIdentity".
using EvaluationNumbers = std::map<std::string, std::int64_t>;

struct Examination {
  std::string guest;                  ///< whom the evidence is of, "" when that is not known
  bool authentic = false;             ///< genuine and of that guest, so that a refusal says something about it
  bool later = false;                 ///< refused for now only: it is approved, and its life before holds the lease
  std::vector<std::string> problems;  ///< why it is refused, every reason; empty when it is genuine and approved
  kms::Measurement measurement;       ///< of an approved guest: what its keys' policies ask for (release_rules.h)
  std::string attestation_key;        ///< hex SHA-256 of the enrolled key that signed; "" for hardware evidence
  Life life;
  RevocableFacts facts;
  EvaluationNumbers evaluation_numbers;      ///< of Intel's documents that it was verified with
  std::string init_data;                     ///< digest of the guest's initdata as the evidence has it, hex
  base::Json claims = base::Json::Object{};  ///< what a token says of the evidence: {"tpm":{..}}
  base::Json registers;                      ///< of a verdict: {"sha256":{"0":hex,..},..}
};

/// "signature: wanted .., got .." for every mandatory check that is not ok.
std::vector<std::string> failed_checks(const std::vector<Check>& checks);
/// Whether evidence of devices was sent: "" and "{}" are none.
bool has_devices(const wire::AttestRequest& attestation);
/// The approval's say about evidence of one TEE; nullopt when the guest may be looked up in it.
std::optional<std::string> approval_obstacle(const ExaminationContext& context, std::string_view tee);

/// Evidence of a software TPM. Without a `bulkhead` member it is what Trustee's attester sends: then the enrolled key
/// tells the guest and the SHA-256 registers decide.
/// @throws Error{malformed} when the evidence does not parse
Examination examine_tpm(const wire::AttestRequest& attestation, const ExaminationContext& context);

/// Evidence of an SNP guest: HOST_DATA tells which. @throws Error{malformed} likewise
Examination examine_snp(const wire::AttestRequest& attestation, const ExaminationContext& context);

/// Evidence of a TD: MRCONFIGID tells the guest.
/// @throws Error{malformed} likewise
Examination examine_tdx(const wire::AttestRequest& attestation, const ExaminationContext& context);

}  // namespace attestation
