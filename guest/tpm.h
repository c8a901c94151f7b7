#pragma once
#include <memory>
#include <string>

#include "attestation/wire/tpm_evidence.h"
#include "base/digest.h"

namespace guest {

/// The guest's TPM 2.0 (tss2_tpm.cpp). Every method throws Error{host} "TPM: what: reason".
class Tpm {
 public:
  /// @param device "/dev/tpmrm0", or for tests a tcti-swtpm configuration "swtpm:path=..."
  explicit Tpm(const std::string& device);
  ~Tpm();
  Tpm(const Tpm&) = delete;
  Tpm& operator=(const Tpm&) = delete;

  /// Extends PCR 8: the SHA-256 bank with `sha256`, the SHA-384 bank with `sha384`.
  void extend_pcr8(const base::Sha256& sha256, const base::Sha384& sha384);
  /// The attestation key's public half as DER SubjectPublicKeyInfo.
  [[nodiscard]] base::Buffer attestation_key() const;
  /// Quotes PCR 0 to 23 of one bank with the attestation key (RSASSA, SHA-256).
  enum class Bank { sha256, sha384 };
  [[nodiscard]] attestation::wire::TpmQuote quote(Bank bank, base::Bytes qualifying_data) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace guest
