#pragma once
#include "attestation/pck_extension.h"
#include "attestation/tcb_info.h"

namespace attestation {

/// What is rated: a platform, what runs on it, and the enclave that quoted it.
struct TcbSubject {
  std::array<std::uint8_t, 16> component_svns{};  ///< of the PCK certificate
  std::uint16_t pce_svn = 0;                      ///< likewise
  measurement::TcbSvn tee_tcb_svn{};              ///< of the quote's body: the TDX module and the platform at launch
  std::optional<measurement::TcbSvn> current;     ///< TEE_TCB_SVN2, of a body of TDX 1.5
  std::uint16_t qe_isv_svn = 0;
};

/// How Intel rates each part, and all of it together.
struct TcbEvaluation {
  TcbJudgement sgx;                        ///< of the first level that components and PCE reach
  TcbJudgement tdx;                        ///< of the first of those that TEE_TCB_SVN reaches too
  std::optional<TcbJudgement> tdx_module;  ///< absent for modules of major version 0, which the level above rates
  TcbJudgement qe;
  TcbStatus status = TcbStatus::not_supported;  ///< all of it
  std::vector<std::string> advisories;          ///< of `tdx`, `tdx_module` and `qe`: sorted, each once
};

/// The identity of the TDX module of this major version ("TDX_03"); nullptr when Intel lists none.
const TdxModuleIdentity* find_module_identity(const TcbInfo& info, std::uint8_t major);

/// Rates a TD's platform. A module without an identity is not supported.
/// Source: Intel SGX TDX DCAP Quote Verification Library, section 4.1.2.4.17 (with the relaunch check of TDX 1.5).
TcbEvaluation evaluate_tcb(const TcbInfo& info, const QeIdentity& qe, const TcbSubject& subject);

}  // namespace attestation
