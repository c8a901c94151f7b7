#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tcti_device.h>
#include <tss2/tss2_tctildr.h>

#include <algorithm>

#include "base/crypto.h"
#include "base/error.h"
#include "guest/tpm.h"

namespace guest {
namespace {

/// Where the attestation key lives. Source: Confidential Containers' attester, AA_TPM_AK_HANDLE.
constexpr TPM2_HANDLE attestation_key_handle = 0x81010002;
constexpr std::size_t pcr_count = 24;
constexpr std::uint32_t default_rsa_exponent = 65537;

void expect(TSS2_RC code, const char* what) {
  if (code != TSS2_RC_SUCCESS)
    throw base::Error(base::Kind::host, std::string("TPM: ") + what + ": " + Tss2_RC_Decode(code));
}

/// Memory that ESYS allocated.
struct EsysFree {
  void operator()(void* memory) const noexcept { Esys_Free(memory); }
};
template <typename T>
using Owned = std::unique_ptr<T, EsysFree>;

TPML_PCR_SELECTION selection_of(TPM2_ALG_ID bank, std::size_t first, std::size_t count) {
  TPML_PCR_SELECTION selection{};
  selection.count = 1;
  selection.pcrSelections[0].hash = bank;
  selection.pcrSelections[0].sizeofSelect = 3;
  for (std::size_t pcr = first; pcr < first + count; ++pcr) {
    BYTE& byte = selection.pcrSelections[0].pcrSelect[pcr / 8];
    byte = static_cast<BYTE>(byte | (1U << (pcr % 8)));
  }
  return selection;
}

}  // namespace

struct Tpm::State {
  base::Buffer device_memory;  ///< of a device transport, which is linked in: the initrd loads no plug-ins
  TSS2_TCTI_CONTEXT* transport = nullptr;
  ESYS_CONTEXT* esys = nullptr;

  void open_device(const std::string& path);
  ~State() {
    if (esys != nullptr) Esys_Finalize(&esys);
    if (transport == nullptr) return;
    if (device_memory.empty()) {
      Tss2_TctiLdr_Finalize(&transport);
    } else {
      Tss2_Tcti_Finalize(transport);
    }
  }
  [[nodiscard]] ESYS_TR key() const {
    ESYS_TR handle = ESYS_TR_NONE;
    expect(Esys_TR_FromTPMPublic(esys, attestation_key_handle, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &handle),
           "no attestation key at 0x81010002");
    return handle;
  }
  [[nodiscard]] std::vector<base::Buffer> pcrs(TPM2_ALG_ID bank) const;
};

void Tpm::State::open_device(const std::string& path) {
  std::size_t size = 0;
  expect(Tss2_Tcti_Device_Init(nullptr, &size, nullptr), "size the device transport");
  device_memory.resize(size);
  transport = reinterpret_cast<TSS2_TCTI_CONTEXT*>(device_memory.data());
  const TSS2_RC code = Tss2_Tcti_Device_Init(transport, &size, path.c_str());
  if (code != TSS2_RC_SUCCESS) transport = nullptr;
  expect(code, ("open " + path).c_str());
}

std::vector<base::Buffer> Tpm::State::pcrs(TPM2_ALG_ID bank) const {
  std::vector<base::Buffer> values;
  while (values.size() < pcr_count) {  // a TPM answers with at most eight at a time
    const TPML_PCR_SELECTION wanted =
        selection_of(bank, values.size(), std::min<std::size_t>(8, pcr_count - values.size()));
    UINT32 counter = 0;
    TPML_PCR_SELECTION* read = nullptr;
    TPML_DIGEST* digests = nullptr;
    expect(Esys_PCR_Read(esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &wanted, &counter, &read, &digests),
           "read PCRs");
    const Owned<TPML_PCR_SELECTION> owned_selection(read);
    const Owned<TPML_DIGEST> owned(digests);
    if (owned->count == 0) throw base::Error(base::Kind::host, "TPM: read PCRs: this bank is not active");
    for (UINT32 i = 0; i < owned->count; ++i) {
      const TPM2B_DIGEST& digest = owned->digests[i];
      values.emplace_back(digest.buffer, digest.buffer + digest.size);
    }
  }
  return values;
}

Tpm::Tpm(const std::string& device) : state_(std::make_unique<State>()) {
  if (device.rfind("/dev/", 0) == 0) {
    state_->open_device(device);
  } else {
    expect(Tss2_TctiLdr_Initialize(device.c_str(), &state_->transport), ("open " + device).c_str());
  }
  expect(Esys_Initialize(&state_->esys, state_->transport, nullptr), "start");
}

Tpm::~Tpm() = default;

void Tpm::extend_pcr8(const base::Sha256& sha256, const base::Sha384& sha384) {
  TPML_DIGEST_VALUES values{};
  values.count = 2;
  values.digests[0].hashAlg = TPM2_ALG_SHA256;
  std::copy(sha256.bytes.begin(), sha256.bytes.end(), values.digests[0].digest.sha256);
  values.digests[1].hashAlg = TPM2_ALG_SHA384;
  std::copy(sha384.bytes.begin(), sha384.bytes.end(), values.digests[1].digest.sha384);
  expect(Esys_PCR_Extend(state_->esys, ESYS_TR_PCR8, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &values),
         "extend PCR 8");
}

base::Buffer Tpm::attestation_key() const {
  TPM2B_PUBLIC* raw = nullptr;
  expect(Esys_ReadPublic(state_->esys, state_->key(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &raw, nullptr, nullptr),
         "read the attestation key");
  const Owned<TPM2B_PUBLIC> area(raw);
  const TPMT_PUBLIC& key = area->publicArea;
  if (key.type != TPM2_ALG_RSA) throw base::Error(base::Kind::host, "TPM: the attestation key is no RSA key");
  const UINT32 exponent = key.parameters.rsaDetail.exponent;
  return base::PublicKey::from_rsa({key.unique.rsa.buffer, key.unique.rsa.size},
                                   exponent == 0 ? default_rsa_exponent : exponent)
      .der();
}

attestation::wire::TpmQuote Tpm::quote(Bank bank, base::Bytes qualifying_data) const {
  const TPM2_ALG_ID algorithm = bank == Bank::sha256 ? TPM2_ALG_SHA256 : TPM2_ALG_SHA384;
  TPM2B_DATA qualifying{};
  if (qualifying_data.size() > sizeof(qualifying.buffer))
    throw base::Error(base::Kind::host, "TPM: quote: too much qualifying data");
  qualifying.size = static_cast<UINT16>(qualifying_data.size());
  std::copy(qualifying_data.begin(), qualifying_data.end(), qualifying.buffer);
  TPMT_SIG_SCHEME scheme{};
  scheme.scheme = TPM2_ALG_NULL;  // the key's own: RSASSA with SHA-256
  const TPML_PCR_SELECTION selection = selection_of(algorithm, 0, pcr_count);
  TPM2B_ATTEST* raw_attest = nullptr;
  TPMT_SIGNATURE* raw_signature = nullptr;
  expect(Esys_Quote(state_->esys, state_->key(), ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &qualifying, &scheme,
                    &selection, &raw_attest, &raw_signature),
         "quote");
  const Owned<TPM2B_ATTEST> attest(raw_attest);
  const Owned<TPMT_SIGNATURE> signature(raw_signature);
  base::Buffer marshalled(sizeof(TPMT_SIGNATURE));
  std::size_t size = 0;
  expect(Tss2_MU_TPMT_SIGNATURE_Marshal(signature.get(), marshalled.data(), marshalled.size(), &size),
         "write a signature");
  marshalled.resize(size);
  return {.signature = std::move(marshalled),
          .message = {attest->attestationData, attest->attestationData + attest->size},
          .pcrs = state_->pcrs(algorithm)};
}

}  // namespace guest
