#pragma once
#include <optional>
#include <string>

#include "attestation/wire/tee_key.h"

/// The messages of the Key Broker Service protocol 0.4.0: request, challenge, attestation, token, error.
/// Source: docs/attestation.md, "The protocol on the wire"; Confidential Containers, kbs_attestation_protocol.md.
/// Every parse() throws Error{malformed} naming message and member. Members nobody knows are passed over, as Trustee
/// does with them: later versions of the protocol's clients and servers send more. What evidence is bound to is written
/// anew.
namespace attestation::wire {

inline constexpr std::string_view protocol_version = "0.4.0";
/// Requests and responses are refused above this size, in bytes.
inline constexpr std::size_t body_limit = 2U << 20U;

/// POST /kbs/v0/auth
struct AuthRequest {
  std::string version{protocol_version};
  std::string tee = "tpm";
  base::Json extra_params = "";  ///< anything: clients send "", {} or a list of hash algorithms

  static AuthRequest parse(std::string_view text);
  [[nodiscard]] std::string text() const;
};

/// The answer to AuthRequest.
struct Challenge {
  std::string nonce;  ///< opaque to the guest
  base::Json extra_params = "";

  static Challenge parse(std::string_view text);
  [[nodiscard]] std::string text() const;
};

struct InitData {
  std::string format;  ///< "toml"
  std::string body;    ///< the document, verbatim
};

struct RuntimeData {
  std::string nonce;
  TeeKey tee_public_key;
  [[nodiscard]] base::Json json() const;
};

/// POST /kbs/v0/attest
struct AttestRequest {
  std::optional<InitData> init_data;
  RuntimeData runtime_data;
  base::Json primary_evidence;      ///< per TEE; for `tpm` see TpmEvidence
  std::string additional_evidence;  ///< "" or JSON text about devices

  static AttestRequest parse(std::string_view text);
  [[nodiscard]] std::string text() const;
};

/// The canonical text (RFC 8785) of {"additional-evidence","nonce","tee-pubkey"}.
std::string canonical_runtime_data(const RuntimeData& data, std::string_view additional_evidence);
/// SHA-384 of canonical_runtime_data(): what the evidence must carry.
base::Sha384 runtime_data_digest(const RuntimeData& data, std::string_view additional_evidence);
/// The qualifying data of a `tpm` quote: the digest's first 32 bytes.
base::Buffer tpm_report_data(const base::Sha384& digest);

/// The answer to AttestRequest.
struct TokenResponse {
  std::string token;  ///< compact JWS
  static TokenResponse parse(std::string_view text);
  [[nodiscard]] std::string text() const;
};

/// The body of every answer that is not 200.
struct ErrorInformation {
  std::string type;  ///< an URI ending in the error's name
  std::string detail;
  /// @param name e.g. "PolicyDeny"
  static ErrorInformation named(std::string_view name, std::string detail);
  static ErrorInformation parse(std::string_view text);
  [[nodiscard]] std::string text() const;
};

}  // namespace attestation::wire
