#pragma once
#include <memory>
#include <string>

#include "attestation/wire/tpm_evidence.h"
#include "base/bytes.h"
#include "base/digest.h"

namespace guest {

/// The guest's TPM 2.0 and the attestation key that was made in it before the guest's first start.
class Tpm {
 public:
  /// Where the attestation key persists, as Trustee's `tpm` attester expects it.
  static constexpr std::uint32_t attestation_key = 0x81010002;
  enum class Bank { sha256, sha384 };

  /// Through the kernel: /dev/tpmrm0, or /dev/tpm0 where there is no resource manager.
  /// @throws Error{failure} when there is no TPM
  static Tpm open_device(const std::string& path);
  /// @param tcti an initialised TCTI context, which is finalised in the end; tests bring one for swtpm's socket
  explicit Tpm(base::Buffer tcti);
  ~Tpm();
  Tpm(Tpm&&) noexcept;
  Tpm& operator=(Tpm&&) noexcept;

  /// Extends one PCR in both banks. A bank that is not active stays untouched.
  void extend(unsigned pcr, const base::Sha256& sha256, const base::Sha384& sha384);
  /// TPM2_Quote over PCR 0 to 23 of one bank, RSASSA with SHA-256, and the values it covers.
  /// @param qualifying at most 64 bytes. @throws Error{failure} in the TPM's words
  [[nodiscard]] attestation::wire::TpmQuote quote(Bank bank, base::Bytes qualifying);
  /// The attestation key's DER SubjectPublicKeyInfo. @throws Error{failure} when there is none, or it is not RSA
  [[nodiscard]] base::Buffer attestation_key_public();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace guest
