#include "provisioner/tss2_attestation_key.h"

#include <tss2/tss2_esys.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#include <memory>

#include "base/error.h"
#include "base/subject_public_key.h"

namespace provisioner {
namespace {

void check(TSS2_RC code, const std::string& what) {
  if (code != TSS2_RC_SUCCESS) throw base::Error(base::Kind::host, what + ": " + ::Tss2_RC_Decode(code));
}

/// A connection to one TPM.
class Tpm {
 public:
  explicit Tpm(const std::string& tcti) {
    check(::Tss2_TctiLdr_Initialize(tcti.c_str(), &tcti_), "cannot reach the TPM at " + tcti);
    const TSS2_RC code = ::Esys_Initialize(&esys_, tcti_, nullptr);
    if (code != TSS2_RC_SUCCESS) ::Tss2_TctiLdr_Finalize(&tcti_);
    check(code, "cannot talk to the TPM");
  }
  Tpm(const Tpm&) = delete;
  Tpm& operator=(const Tpm&) = delete;
  ~Tpm() {
    ::Esys_Finalize(&esys_);
    ::Tss2_TctiLdr_Finalize(&tcti_);
  }
  [[nodiscard]] ESYS_CONTEXT* get() const { return esys_; }

 private:
  TSS2_TCTI_CONTEXT* tcti_ = nullptr;
  ESYS_CONTEXT* esys_ = nullptr;
};

TPM2B_PUBLIC attestation_key_template() {
  TPM2B_PUBLIC key{};
  key.publicArea.type = TPM2_ALG_RSA;
  key.publicArea.nameAlg = TPM2_ALG_SHA256;
  key.publicArea.objectAttributes = TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_FIXEDTPM |
                                    TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN |
                                    TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA;
  TPMS_RSA_PARMS& rsa = key.publicArea.parameters.rsaDetail;
  rsa.symmetric.algorithm = TPM2_ALG_NULL;
  rsa.scheme.scheme = TPM2_ALG_RSASSA;
  rsa.scheme.details.rsassa.hashAlg = TPM2_ALG_SHA256;
  rsa.keyBits = 2048;
  rsa.exponent = 0;  // 65537
  return key;
}

base::Buffer public_key_info(const TPM2B_PUBLIC_KEY_RSA& modulus) {
  if (modulus.size != 256)
    throw base::Error(base::Kind::host,
                      "the TPM made an RSA key of " + std::to_string(modulus.size) + " bytes, wanted 256");
  return base::rsa_subject_public_key_info({modulus.buffer, modulus.size}, 0);
}

}  // namespace

base::Buffer make_attestation_key(const std::string& socket) {
  const Tpm tpm("swtpm:path=" + socket);
  const TPM2B_SENSITIVE_CREATE sensitive{};
  const TPM2B_PUBLIC wanted = attestation_key_template();
  const TPM2B_DATA outside{};
  const TPML_PCR_SELECTION pcrs{};
  ESYS_TR key = ESYS_TR_NONE, persistent = ESYS_TR_NONE;
  TPM2B_PUBLIC* made = nullptr;
  check(::Esys_CreatePrimary(tpm.get(), ESYS_TR_RH_ENDORSEMENT, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                             &sensitive, &wanted, &outside, &pcrs, &key, &made, nullptr, nullptr, nullptr),
        "the TPM made no attestation key");
  const std::unique_ptr<TPM2B_PUBLIC, void (*)(void*)> owner(made, ::Esys_Free);
  check(::Esys_EvictControl(tpm.get(), ESYS_TR_RH_OWNER, key, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                            attestation_key_handle, &persistent),
        "the TPM did not keep the attestation key");
  check(::Esys_FlushContext(tpm.get(), key), "the TPM did not release the transient key");
  check(::Esys_Shutdown(tpm.get(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, TPM2_SU_CLEAR),
        "the TPM did not shut down");
  return public_key_info(made->publicArea.unique.rsa);
}

}  // namespace provisioner
