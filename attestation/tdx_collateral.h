#pragma once
#include <array>
#include <string>
#include <vector>

#include "attestation/tcb_info.h"
#include "base/x509.h"

namespace attestation {

/// A JSON value that Intel signed, with the bytes that were signed.
template <typename Document>
struct Signed {
  std::string body;
  std::array<std::uint8_t, 64> signature{};  ///< ECDSA P-256, r||s big-endian
  Document document;                         ///< what `body` says
};

/// What it takes to judge a TDX quote besides the quote, as it was received: nothing here is verified.
struct TdxCollateral {
  std::vector<Signed<TcbInfo>> tcb_infos;
  std::vector<Signed<QeIdentity>> qe_identities;
  base::X509Objects x509;  ///< in no order: issuers, perhaps a platform's own chain; CRLs
};

/// Adds what one file holds, in any of the forms it comes in:
/// - an answer of Intel's PCS or of a PCCS, {"tcbInfo": .., "signature"} or {"enclaveIdentity": .., "signature"};
/// - a bundle of both with CRLs and chains: {"tcb_info", "tcb_info_signature", "qe_identity", .., "root_ca_crl", ..},
///   where `tcb_info` and `qe_identity` may also be whole answers;
/// - the file of Intel's PcsClientTool, {"collaterals": {"tcbinfos": [..], ..}};
/// - certificates and CRLs, as base::parse_x509() reads them, or PEM URL-encoded as in the PCS's headers.
/// Documents of SGX among them are passed over.
/// @param name of the file, for messages
/// @throws base::Error{malformed} naming file and member
void add_tdx_collateral(TdxCollateral& collateral, base::Bytes file, std::string_view name);

}  // namespace attestation
