#include "guest/tss2_tpm.h"

#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_tcti_device.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/error.h"
#include "base/subject_public_key.h"

namespace guest {
namespace {

constexpr unsigned pcr_count = 24;

void check(TSS2_RC code, const char* command) {
  if (code == TSS2_RC_SUCCESS) return;
  throw base::Error(base::Kind::failure, std::string("TPM: ") + command + " failed with " + base::hex_number(code));
}

/// Memory that the ESYS library allocated.
struct FreedByEsys {
  void operator()(void* memory) const noexcept { Esys_Free(memory); }
};
template <typename T>
using Owned = std::unique_ptr<T, FreedByEsys>;

TPMI_ALG_HASH algorithm(Tpm::Bank bank) {
  return bank == Tpm::Bank::sha256 ? TPM2_ALG_SHA256 : TPM2_ALG_SHA384;
}

TPML_PCR_SELECTION selection(TPMI_ALG_HASH hash) {
  TPML_PCR_SELECTION chosen{};
  chosen.count = 1;
  chosen.pcrSelections[0].hash = hash;
  chosen.pcrSelections[0].sizeofSelect = pcr_count / 8;
  std::fill_n(chosen.pcrSelections[0].pcrSelect, pcr_count / 8, static_cast<BYTE>(0xff));
  return chosen;
}

bool selects_any(const TPMS_PCR_SELECTION& selected) {
  return std::any_of(selected.pcrSelect, selected.pcrSelect + pcr_count / 8, [](BYTE bits) { return bits != 0; });
}

/// Moves the values just read to their places and takes them off what is still wanted. A TPM gives eight at a time.
void take_values(const TPML_PCR_SELECTION& read, const TPML_DIGEST& values, TPMS_PCR_SELECTION& wanted,
                 std::vector<base::Buffer>& pcrs) {
  UINT32 next = 0;
  for (unsigned pcr = 0; pcr < pcr_count && read.count == 1; ++pcr) {
    const BYTE bit = static_cast<BYTE>(1U << (pcr % 8));
    if ((read.pcrSelections[0].pcrSelect[pcr / 8] & bit) == 0 || next >= std::min<UINT32>(values.count, 8)) continue;
    const TPM2B_DIGEST& value = values.digests[next++];
    pcrs[pcr].assign(value.buffer, value.buffer + std::min<std::size_t>(value.size, sizeof value.buffer));
    wanted.pcrSelect[pcr / 8] = static_cast<BYTE>(wanted.pcrSelect[pcr / 8] & ~bit);
  }
  if (next == 0) throw base::Error(base::Kind::failure, "TPM: PCR_Read gave no value; is the PCR bank active?");
}

base::Buffer marshalled(const TPMT_SIGNATURE& signature) {
  base::Buffer out(sizeof signature);
  std::size_t size = 0;
  check(Tss2_MU_TPMT_SIGNATURE_Marshal(&signature, out.data(), out.size(), &size), "marshalling a signature");
  out.resize(size);
  return out;
}

}  // namespace

struct Tpm::State {
  explicit State(base::Buffer initialised) : tcti(std::move(initialised)) {
    check(Esys_Initialize(&esys, context(), nullptr), "Esys_Initialize");
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    Esys_Finalize(&esys);
    Tss2_Tcti_Finalize(context());
  }
  TSS2_TCTI_CONTEXT* context() { return reinterpret_cast<TSS2_TCTI_CONTEXT*>(tcti.data()); }

  ESYS_TR key() {
    ESYS_TR handle = ESYS_TR_NONE;
    check(Esys_TR_FromTPMPublic(esys, attestation_key, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &handle),
          "finding the attestation key 0x81010002");
    return handle;
  }
  std::vector<base::Buffer> pcr_values(TPMI_ALG_HASH hash) {
    std::vector<base::Buffer> pcrs(pcr_count);
    TPML_PCR_SELECTION wanted = selection(hash);
    while (selects_any(wanted.pcrSelections[0])) {
      UINT32 counter = 0;
      TPML_PCR_SELECTION* read = nullptr;
      TPML_DIGEST* values = nullptr;
      check(Esys_PCR_Read(esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &wanted, &counter, &read, &values),
            "PCR_Read");
      const Owned<TPML_PCR_SELECTION> owned_read(read);
      const Owned<TPML_DIGEST> owned_values(values);
      take_values(*read, *values, wanted.pcrSelections[0], pcrs);
    }
    return pcrs;
  }

  base::Buffer tcti;
  ESYS_CONTEXT* esys = nullptr;
};

Tpm::Tpm(base::Buffer tcti) : state_(std::make_unique<State>(std::move(tcti))) {}
Tpm::~Tpm() = default;
Tpm::Tpm(Tpm&&) noexcept = default;
Tpm& Tpm::operator=(Tpm&&) noexcept = default;

Tpm Tpm::open_device(const std::string& path) {
  std::size_t size = 0;
  check(Tss2_Tcti_Device_Init(nullptr, &size, path.c_str()), "sizing the device TCTI");
  base::Buffer tcti(size);
  check(Tss2_Tcti_Device_Init(reinterpret_cast<TSS2_TCTI_CONTEXT*>(tcti.data()), &size, path.c_str()),
        ("opening " + path).c_str());
  return Tpm(std::move(tcti));
}

void Tpm::extend(unsigned pcr, const base::Sha256& sha256, const base::Sha384& sha384) {
  TPML_DIGEST_VALUES digests{};
  digests.count = 2;
  digests.digests[0].hashAlg = TPM2_ALG_SHA256;
  std::copy(sha256.bytes.begin(), sha256.bytes.end(), digests.digests[0].digest.sha256);
  digests.digests[1].hashAlg = TPM2_ALG_SHA384;
  std::copy(sha384.bytes.begin(), sha384.bytes.end(), digests.digests[1].digest.sha384);
  check(Esys_PCR_Extend(state_->esys, static_cast<ESYS_TR>(ESYS_TR_PCR0 + pcr), ESYS_TR_PASSWORD, ESYS_TR_NONE,
                        ESYS_TR_NONE, &digests),
        "PCR_Extend");
}

attestation::wire::TpmQuote Tpm::quote(Bank bank, base::Bytes qualifying) {
  TPM2B_DATA data{};
  if (qualifying.size() > sizeof data.buffer) {
    throw base::Error(base::Kind::failure, "TPM: qualifying data of " + std::to_string(qualifying.size()) + " bytes");
  }
  data.size = static_cast<UINT16>(qualifying.size());
  std::copy(qualifying.begin(), qualifying.end(), data.buffer);
  TPMT_SIG_SCHEME scheme{};
  scheme.scheme = TPM2_ALG_RSASSA;
  scheme.details.rsassa.hashAlg = TPM2_ALG_SHA256;
  const TPML_PCR_SELECTION chosen = selection(algorithm(bank));
  TPM2B_ATTEST* message = nullptr;
  TPMT_SIGNATURE* signature = nullptr;
  check(Esys_Quote(state_->esys, state_->key(), ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &data, &scheme, &chosen,
                   &message, &signature),
        "Quote");
  const Owned<TPM2B_ATTEST> owned_message(message);
  const Owned<TPMT_SIGNATURE> owned_signature(signature);
  return {marshalled(*signature), base::buffer_of({message->attestationData, message->size}),
          state_->pcr_values(algorithm(bank))};
}

base::Buffer Tpm::attestation_key_public() {
  TPM2B_PUBLIC* key = nullptr;
  check(Esys_ReadPublic(state_->esys, state_->key(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &key, nullptr, nullptr),
        "ReadPublic");
  const Owned<TPM2B_PUBLIC> owned(key);
  const TPMT_PUBLIC& area = key->publicArea;
  if (area.type != TPM2_ALG_RSA) {
    throw base::Error(base::Kind::failure,
                      "TPM: the attestation key is of type " + base::hex_number(area.type) + ", wanted RSA");
  }
  return base::rsa_subject_public_key_info({area.unique.rsa.buffer, area.unique.rsa.size},
                                           area.parameters.rsaDetail.exponent);
}

}  // namespace guest
