#pragma once
#include <array>
#include <optional>

#include "attestation/tcb_status.h"
#include "base/digest.h"
#include "measurement/td_quote.h"

namespace attestation {

/// When a signed document of Intel was issued, when the next is due, and which TCB recovery it knows of.
struct DocumentEdition {
  std::int64_t issued = 0, next_update = 0;  ///< seconds since the epoch
  std::int64_t evaluation_number = 0;        ///< tcbEvaluationDataNumber
};

/// Who signed a TDX module, and the SEAM attributes it must have under the mask.
struct TdxModuleSigner {
  base::Sha384 mr_signer;
  std::array<std::uint8_t, 8> attributes{}, attributes_mask{};
};
/// A module of one major version: "TDX_03".
struct TdxModuleIdentity {
  std::string id;
  TdxModuleSigner signer;
  std::vector<IsvSvnLevel> levels;
};

/// A level of a platform: all components and the PCE must be at least these.
struct TcbLevel {
  std::array<std::uint8_t, 16> sgx_components{};
  std::uint16_t pce_svn = 0;
  measurement::TcbSvn tdx_components{};
  TcbJudgement judgement;
};

/// Intel's TCB info for the TDX platforms of one FMSPC.
/// Source: Intel PCS API, version 4, "Get TDX TCB Info" (TCB info version 3, id "TDX").
struct TcbInfo {
  DocumentEdition edition;
  std::array<std::uint8_t, 6> fmspc{};
  std::array<std::uint8_t, 2> pce_id{};
  TdxModuleSigner module;  ///< of major version 0
  std::vector<TdxModuleIdentity> module_identities;
  std::vector<TcbLevel> levels;  ///< from the newest on
};

/// @param body the value of "tcbInfo", as it was signed. Members we don't know are allowed: Intel may add some.
/// @throws base::Error{malformed} naming the member; also for TCB info of SGX
TcbInfo parse_tcb_info(std::string_view body);

/// The identity of the quoting enclave for TDs. Source: Intel PCS API, version 4, "Get TD QE Identity".
struct QeIdentity {
  DocumentEdition edition;
  std::array<std::uint8_t, 4> misc_select{}, misc_select_mask{};
  std::array<std::uint8_t, 16> attributes{}, attributes_mask{};
  std::array<std::uint8_t, 32> mr_signer{};
  std::uint16_t isv_prod_id = 0;
  std::vector<IsvSvnLevel> levels;
};

/// @param body the value of "enclaveIdentity", as it was signed
/// @throws base::Error{malformed} naming the member; also for the identity of another enclave than "TD_QE"
QeIdentity parse_qe_identity(std::string_view body);

}  // namespace attestation
