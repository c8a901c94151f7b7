#pragma once
#include <array>
#include <optional>

#include "base/digest.h"

namespace measurement {

/// What a TDX quote or report says about a TD. Nothing here is verified: that takes the quote's signatures, or the
/// platform that made the report.
struct TdRegisters {
  base::Sha384 mr_seam;  ///< the TDX module
  std::uint64_t attributes = 0, xfam = 0;
  base::Sha384 mrtd;
  base::Sha384 mr_config_id, mr_owner, mr_owner_config;
  std::array<base::Sha384, 4> rtmr;
  bool operator==(const TdRegisters&) const = default;
};

/// Reads a TDX quote of version 4 or 5 (what follows the body does not matter), or a TDREPORT of 1024 bytes.
/// Source: Intel TDX DCAP Quoting Library API, revision 0.9, appendix A.3; Intel TDX Module ABI 1.5, TDREPORT_STRUCT
/// and TDINFO_BASE.
/// @throws base::Error{malformed} with the offset; an SGX quote is malformed here
TdRegisters read_td_registers(base::Bytes quote_or_report);

/// Sixteen security version numbers, one a byte: of the TDX module (0 minor, 1 major) and what it runs on.
using TcbSvn = std::array<std::uint8_t, 16>;

/// The report of an SGX enclave; in a quote, of the quoting enclave. Source: Intel SDM volume 3D, section 38.15.
struct EnclaveReport {
  TcbSvn cpu_svn{};
  std::array<std::uint8_t, 4> misc_select{};
  std::array<std::uint8_t, 16> attributes{};
  std::array<std::uint8_t, 32> mr_enclave{}, mr_signer{};
  std::uint16_t isv_prod_id = 0, isv_svn = 0;
  std::array<std::uint8_t, 64> report_data{};
};

/// A TDX quote taken apart. Signatures are r||s, keys x||y, both big-endian.
struct TdQuote {
  std::uint16_t version = 0;  ///< 4 or 5
  std::array<std::uint8_t, 16> qe_vendor{};
  std::array<std::uint8_t, 20> user_data{};
  TcbSvn tee_tcb_svn{};  ///< at the TD's launch
  base::Sha384 mr_signer_seam;
  std::array<std::uint8_t, 8> seam_attributes{};
  TdRegisters td;
  std::array<std::uint8_t, 64> report_data{};
  struct Later {           ///< what the body of TDX 1.5 adds
    TcbSvn tee_tcb_svn{};  ///< now: the module may have been updated under the running TD
    base::Sha384 mr_service_td;
  };
  std::optional<Later> later;

  base::Buffer signed_bytes;  ///< header to body: what the attestation key signs
  std::array<std::uint8_t, 64> signature{}, attestation_key{};
  base::Buffer qe_report_bytes;  ///< 384 bytes: what the PCK signs
  EnclaveReport qe_report;
  std::array<std::uint8_t, 64> qe_report_signature{};
  base::Buffer qe_authentication_data;
  std::uint16_t certification_type = 0;  ///< 5: a PEM chain; 1 to 4: other ways to name the PCK
  base::Buffer certification_data;
  std::size_t trailing_bytes = 0;  ///< buffers are often larger than the quote in them
};
inline constexpr std::uint16_t pck_chain_certification = 5;

/// Reads a whole TDX quote, signature and certification data too. Nothing is verified.
/// Source: as read_td_registers(); Intel SGX ECDSA QuoteLibReference, appendix A.4.
/// @throws base::Error{malformed} with the offset; an SGX quote, a TD report and a key other than ECDSA P-256 are
/// malformed here
TdQuote parse_td_quote(base::Bytes quote);

}  // namespace measurement
