#pragma once
#include <memory>
#include <string>

#include "attestation/wire/kbs_client.h"

namespace guest {

/// What vouches for this guest: today its TPM; SNP and TDX reports take the same place.
class EvidenceSource : public attestation::wire::EvidenceMaker {
 public:
  /// Ties what follows to this initdata, once, before a byte of it is parsed. A TPM extends PCR 8 with its digests.
  virtual void bind(std::string initdata) = 0;
  /// The name under which the evidence is appraised: "worker/0".
  virtual void name_guest(std::string guest) = 0;
};

/// PCR 8 takes the initdata digest. Source: Trustee's `tpm` attester and verifier (docs/attestation.md, "Evidence").
inline constexpr unsigned initdata_pcr = 8;

/// The source this machine has. @param device_directory "/dev"
/// @throws Error{host} naming a kind that this version cannot make evidence of, or when the machine has none
std::unique_ptr<EvidenceSource> open_evidence_source(const std::string& device_directory);

}  // namespace guest
