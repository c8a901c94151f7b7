#pragma once
#include <string>
#include <vector>

#include "base/cose.h"
#include "measurement/reference_claims.h"

/// Concise Reference Integrity Manifests. Source: draft-ietf-rats-corim-11, sections 4, 5.1 and 7.7; the tag identity
/// and names of one launch digest are those of the profile tag:microsoft.com,2026:launch-measurement/v1.
namespace measurement {

/// An unsigned CoRIM: 501({..}) with one CoMID, deterministically encoded. Each state of a register is a reference
/// triple of its own, as the draft wants alternatives; SNP and MRTD digests come with the owner's SVN as a conditional
/// endorsement. The profile is named where there is exactly one digest, as it demands.
base::Buffer corim(const ReferenceClaims& claims);

/// 18(COSE_Sign1) over a CoRIM, for `application/rim+cbor`. The signer is named by the SHA-256 of its public key, in
/// hexadecimal; the owner's name is no part of a key.
base::Buffer signed_corim(base::Bytes corim, const base::Signer& signer);

/// One measured register of a CoRIM.
struct CorimReferenceValue {
  std::string name;                   ///< as Trustee names it: "AMD/SEV-SNP/MEASUREMENT/digests"
  std::vector<base::Buffer> digests;  ///< of whatever algorithms the triple lists
};
struct CorimDocument {
  std::string id;
  std::vector<CorimReferenceValue> values;   ///< of the reference triples with digests, in order
  std::optional<base::CoseSign1> signature;  ///< not checked: ask it with the key that is trusted
};
/// Reads a CoRIM, signed or not; the tags 500 and 502 of older drafts around it are skipped.
/// @param name what is parsed, for messages. @throws base::Error{malformed}
CorimDocument parse_corim(base::Bytes bytes, std::string_view name);

}  // namespace measurement
