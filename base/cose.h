#pragma once
#include "base/cbor.h"
#include "base/signer.h"

/// COSE_Sign1: one signature over a payload and a protected header. Source: RFC 9052, sections 3, 4.2 and 4.4; the
/// algorithms are RFC 9053's EdDSA (-8, Ed25519), ES256 (-7, P-256) and ES384 (-35, P-384).
namespace base {

struct CoseSign1 {
  Buffer protected_header;  ///< an encoded map
  Buffer payload;
  Buffer signature;  ///< EdDSA: 64 bytes; ECDSA: r||s

  /// The item 18([protected, {}, payload, signature]).
  [[nodiscard]] Cbor item() const;
  /// @throws Error{malformed} when the item is not tagged 18, or is not four members with an embedded payload
  static CoseSign1 from_item(const Cbor& item);
  /// The protected header as a map. @throws Error{malformed}
  [[nodiscard]] Cbor header() const;
  /// Whether the signature is by `key` with the algorithm the header names. Never throws for a wrong signature.
  [[nodiscard]] bool verifies(const PublicKey& key) const;
};

/// Signs `payload`. @param header the protected header without the algorithm, which the key decides
/// @throws Error{failure} for a key of another kind than Ed25519, EC P-256 and EC P-384
CoseSign1 cose_sign1(Cbor::Map header, Bytes payload, const Signer& signer);

}  // namespace base
