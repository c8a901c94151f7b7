#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/encoding.h"
#include "base/error.h"
#include "kms/sealing_tpm.h"

namespace kms {
namespace {

constexpr TPM2_HANDLE persistent_root = 0x81000001;  // Source: TCG provisioning guidance 1.0, 7.8 (table 2)
constexpr TPMA_SESSION both_ways = TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT;

[[noreturn]] void fail(base::Kind kind, const std::string& what) {
  throw base::Error(kind, what);
}

/// A TPM's own answer without the number of the parameter or session that it is about; 0 for other layers' errors.
/// Source: TPM 2.0 library 1.59, part 2, 6.6
TSS2_RC answer_of(TSS2_RC code) {
  if ((code & TSS2_RC_LAYER_MASK) != TSS2_TPM_RC_LAYER) return 0;
  return (code & TPM2_RC_FMT1) != 0 ? code & 0x0bfU : code;
}

/// What an owner of the machine can do about an answer; "" where the TPM's words say all.
const char* remedy(TSS2_RC code) {
  switch (answer_of(code)) {
    case TPM2_RC_LOCKOUT:
      return "; the TPM is locked after wrong authorisations: wait, or tpm2_dictionarylockout --clear-lockout";
    case TPM2_RC_HIERARCHY:
      return "; the TPM's owner hierarchy is switched off";
    case TPM2_RC_INITIALIZE:
      return "; the TPM was not started up";
    case TPM2_RC_AUTH_FAIL:
    case TPM2_RC_BAD_AUTH:
      return "; its owner has set an authorisation value there, which Bulkhead does not take. Make a storage root key "
             "without one persistent at 0x81000001 (tpm2_createprimary, tpm2_evictcontrol)";
    default:
      return "";
  }
}

void check(TSS2_RC code, const std::string& what) {
  if (code != TSS2_RC_SUCCESS) fail(base::Kind::host, "TPM: " + what + ": " + ::Tss2_RC_Decode(code) + remedy(code));
}

/// Memory that the ESYS library allocated.
struct FreedByEsys {
  void operator()(void* memory) const noexcept { ::Esys_Free(memory); }
};
template <typename T>
using Owned = std::unique_ptr<T, FreedByEsys>;

/// The same for what must be wiped first.
struct WipedAndFreed {
  void operator()(TPM2B_SENSITIVE_DATA* data) const noexcept {
    base::wipe({data->buffer, sizeof data->buffer});
    ::Esys_Free(data);
  }
};

/// A connection to a TPM.
class Tpm {
 public:
  explicit Tpm(const std::string& address) {
    // The library writes its own complaints to stderr, and with TSS2_LOG=trace its sessions' keys.
    ::setenv("TSS2_LOG", "all+NONE", 1);
    const TSS2_RC code = ::Tss2_TctiLdr_Initialize(address.c_str(), &tcti_);
    if (code != TSS2_RC_SUCCESS)
      fail(base::Kind::host, "cannot reach the TPM at " + address + ": " + ::Tss2_RC_Decode(code) +
                                 "; is there one, and may this user use it (group tss)?");
    const TSS2_RC started = ::Esys_Initialize(&esys_, tcti_, nullptr);
    if (started != TSS2_RC_SUCCESS) ::Tss2_TctiLdr_Finalize(&tcti_);
    check(started, "cannot talk to " + address);
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

/// A key, object or session of a connection. What is transient leaves the TPM with it.
class Held {
 public:
  enum class Kept { in_tpm, here };
  Held(const Tpm& tpm, ESYS_TR handle, Kept kept = Kept::here) : tpm_(&tpm), handle_(handle), kept_(kept) {}
  Held(Held&& other) noexcept : tpm_(other.tpm_), handle_(other.handle_), kept_(other.kept_) {
    other.handle_ = ESYS_TR_NONE;
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  Held& operator=(Held&&) = delete;
  ~Held() {
    if (handle_ == ESYS_TR_NONE) return;
    if (kept_ == Kept::here) {
      ::Esys_FlushContext(tpm_->get(), handle_);
    } else {
      ::Esys_TR_Close(tpm_->get(), &handle_);
    }
  }
  [[nodiscard]] ESYS_TR get() const { return handle_; }
  [[nodiscard]] base::Buffer name() const {
    TPM2B_NAME* name = nullptr;
    check(::Esys_TR_GetName(tpm_->get(), handle_, &name), "reading a key's name");
    const Owned<TPM2B_NAME> owned(name);
    return {name->name, name->name + name->size};
  }

 private:
  const Tpm* tpm_;
  ESYS_TR handle_;
  Kept kept_;
};

/// Template H-2 of the TCG EK credential profile 2.5 (B.4.5) as the provisioning guidance 1.0 (7.5.1) changes it for a
/// storage root key: no policy, usable with its (empty) authorisation, outside dictionary attack protection. It is what
/// `tpm2_createprimary -G ecc` and key files of OpenSSL's TPM providers have for a parent.
TPM2B_PUBLIC storage_root_template() {
  TPM2B_PUBLIC key{};
  key.publicArea.type = TPM2_ALG_ECC;
  key.publicArea.nameAlg = TPM2_ALG_SHA256;
  key.publicArea.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN |
                                    TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED |
                                    TPMA_OBJECT_DECRYPT;
  TPMS_ECC_PARMS& ecc = key.publicArea.parameters.eccDetail;
  ecc.symmetric.algorithm = TPM2_ALG_AES;
  ecc.symmetric.keyBits.aes = 128;
  ecc.symmetric.mode.aes = TPM2_ALG_CFB;
  ecc.scheme.scheme = TPM2_ALG_NULL;
  ecc.curveID = TPM2_ECC_NIST_P256;
  ecc.kdf.scheme = TPM2_ALG_NULL;
  return key;
}

Held transient_root(const Tpm& tpm) {
  const TPM2B_SENSITIVE_CREATE sensitive{};
  const TPM2B_PUBLIC wanted = storage_root_template();
  const TPM2B_DATA outside{};
  const TPML_PCR_SELECTION pcrs{};
  ESYS_TR key = ESYS_TR_NONE;
  check(::Esys_CreatePrimary(tpm.get(), ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &sensitive,
                             &wanted, &outside, &pcrs, &key, nullptr, nullptr, nullptr, nullptr),
        "making the storage root key in the owner hierarchy");
  return {tpm, key};
}

/// What is persistent where the storage root key belongs, if it is such a key.
std::optional<Held> persistent_root_of(const Tpm& tpm) {
  ESYS_TR handle = ESYS_TR_NONE;
  const TSS2_RC code =
      ::Esys_TR_FromTPMPublic(tpm.get(), persistent_root, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &handle);
  if (answer_of(code) == TPM2_RC_HANDLE) return std::nullopt;
  check(code, "looking for a storage root key at 0x81000001");
  Held key(tpm, handle, Held::Kept::in_tpm);
  TPM2B_PUBLIC* area = nullptr;
  check(::Esys_ReadPublic(tpm.get(), key.get(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &area, nullptr, nullptr),
        "reading the key at 0x81000001");
  const Owned<TPM2B_PUBLIC> owned(area);
  constexpr TPMA_OBJECT storage = TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT | TPMA_OBJECT_FIXEDTPM;
  const bool fits = (area->publicArea.objectAttributes & storage) == storage &&
                    area->publicArea.nameAlg == TPM2_ALG_SHA256;  // so that its Name has 34 bytes
  if (!fits) return std::nullopt;
  return key;
}

/// The key that something was sealed below, in this TPM.
Held root_named(const Tpm& tpm, const base::Buffer& name) {
  std::string found;
  if (auto persistent = persistent_root_of(tpm)) {
    if (persistent->name() == name) return *std::move(persistent);
    found = base::hex(persistent->name()) + " or ";
  }
  Held transient = transient_root(tpm);
  if (transient.name() == name) return transient;
  fail(base::Kind::failure, "is sealed to another TPM, or this one was cleared since: its storage root key is " +
                                base::hex(name) + ", this TPM's " + found + base::hex(transient.name()));
}

/// @param root salts the session, so that who reads the bus has not its key; ESYS_TR_NONE: a trial, which has none
Held session(const Tpm& tpm, ESYS_TR root, TPM2_SE type) {
  TPMT_SYM_DEF symmetric{};
  symmetric.algorithm = TPM2_ALG_AES;
  symmetric.keyBits.aes = 128;
  symmetric.mode.aes = TPM2_ALG_CFB;
  ESYS_TR handle = ESYS_TR_NONE;
  check(::Esys_StartAuthSession(tpm.get(), root, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, nullptr, type,
                                &symmetric, TPM2_ALG_SHA256, &handle),
        "starting a session");
  return {tpm, handle};
}

/// What of the next commands is encrypted. The session itself stays until it is flushed.
void encrypt(const Tpm& tpm, const Held& session, TPMA_SESSION directions) {
  check(::Esys_TRSess_SetAttributes(tpm.get(), session.get(), directions | TPMA_SESSION_CONTINUESESSION,
                                    both_ways | TPMA_SESSION_CONTINUESESSION),
        "setting up a session");
}

TPML_PCR_SELECTION selection_of(const std::vector<unsigned>& pcrs) {
  TPML_PCR_SELECTION chosen{};
  chosen.count = 1;
  chosen.pcrSelections[0].hash = TPM2_ALG_SHA256;
  chosen.pcrSelections[0].sizeofSelect = 3;
  for (const unsigned pcr : pcrs) {
    BYTE& bits = chosen.pcrSelections[0].pcrSelect[pcr / 8];
    bits = static_cast<BYTE>(bits | (1U << (pcr % 8)));
  }
  return chosen;
}

std::string text_of(const std::vector<unsigned>& pcrs) {
  std::string text = "sha256:";
  for (const unsigned pcr : pcrs) text += (text.back() == ':' ? "" : ",") + std::to_string(pcr);
  return text;
}

/// A policy over registers of a bank that the TPM does not keep would be one over nothing.
void expect_bank(const Tpm& tpm, const std::vector<unsigned>& pcrs) {
  TPMI_YES_NO more = 0;
  TPMS_CAPABILITY_DATA* data = nullptr;
  check(::Esys_GetCapability(tpm.get(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, TPM2_CAP_PCRS, 0, 1, &more, &data),
        "asking for its PCR banks");
  const Owned<TPMS_CAPABILITY_DATA> owned(data);
  const TPML_PCR_SELECTION& banks = data->data.assignedPCR;
  const TPMS_PCR_SELECTION wanted = selection_of(pcrs).pcrSelections[0];
  const bool kept = std::any_of(banks.pcrSelections, banks.pcrSelections + banks.count, [&](const auto& bank) {
    bool all = bank.hash == TPM2_ALG_SHA256 && bank.sizeofSelect >= 3;
    for (std::size_t i = 0; i < 3; ++i) all = all && (bank.pcrSelect[i] & wanted.pcrSelect[i]) == wanted.pcrSelect[i];
    return all;
  });
  if (!kept) fail(base::Kind::failure, "TPM: it does not keep PCR " + text_of(pcrs));
}

/// TPM2_PolicyPCR over what the registers are now. @return the policy's digest
base::Buffer policy_over(const Tpm& tpm, const Held& session, const std::vector<unsigned>& pcrs) {
  const TPML_PCR_SELECTION chosen = selection_of(pcrs);
  const TPM2B_DIGEST as_they_are{};
  check(::Esys_PolicyPCR(tpm.get(), session.get(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &as_they_are, &chosen),
        "PolicyPCR");
  TPM2B_DIGEST* digest = nullptr;
  check(::Esys_PolicyGetDigest(tpm.get(), session.get(), ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &digest),
        "PolicyGetDigest");
  const Owned<TPM2B_DIGEST> owned(digest);
  return {digest->buffer, digest->buffer + digest->size};
}

/// A data object: noDA, since its authorisation value is empty and there is nothing to guess, so that somebody else's
/// wrong guesses do not lock it. With a policy its user has to fulfil that and nothing else helps.
TPM2B_PUBLIC data_object(const base::Buffer& policy) {
  TPM2B_PUBLIC object{};
  TPMT_PUBLIC& area = object.publicArea;
  area.type = TPM2_ALG_KEYEDHASH;
  area.nameAlg = TPM2_ALG_SHA256;
  area.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_NODA;
  area.objectAttributes |= policy.empty() ? TPMA_OBJECT_USERWITHAUTH : TPMA_OBJECT_ADMINWITHPOLICY;
  area.authPolicy.size = static_cast<UINT16>(policy.size());
  std::copy(policy.begin(), policy.end(), area.authPolicy.buffer);
  area.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL;
  return object;
}

template <typename T>
base::Buffer marshalled(const T& area, TSS2_RC (*marshal)(const T*, std::uint8_t*, std::size_t, std::size_t*)) {
  base::Buffer bytes(sizeof area + sizeof(UINT16));
  std::size_t size = 0;
  check(marshal(&area, bytes.data(), bytes.size(), &size), "marshalling a sealed object");
  bytes.resize(size);
  return bytes;
}

template <typename T>
T unmarshalled(const base::Buffer& bytes, TSS2_RC (*unmarshal)(const std::uint8_t*, std::size_t, std::size_t*, T*)) {
  T area{};
  std::size_t read = 0;
  if (unmarshal(bytes.data(), bytes.size(), &read, &area) != TSS2_RC_SUCCESS || read != bytes.size())
    fail(base::Kind::malformed, "sealed object: it does not parse");
  return area;
}

Held loaded(const Tpm& tpm, const Held& root, const Held& session, const TpmSealedKey& key) {
  const auto public_area = unmarshalled<TPM2B_PUBLIC>(key.public_area, ::Tss2_MU_TPM2B_PUBLIC_Unmarshal);
  const auto private_area = unmarshalled<TPM2B_PRIVATE>(key.private_area, ::Tss2_MU_TPM2B_PRIVATE_Unmarshal);
  ESYS_TR object = ESYS_TR_NONE;
  encrypt(tpm, session, 0);
  const TSS2_RC code = ::Esys_Load(tpm.get(), root.get(), session.get(), ESYS_TR_NONE, ESYS_TR_NONE, &private_area,
                                   &public_area, &object);
  if (answer_of(code) == TPM2_RC_INTEGRITY)
    fail(base::Kind::failure,
         "the sealed object was changed, its public or its private part: the TPM does not take it");
  check(code, "loading the sealed object");
  return {tpm, object};
}

/// A session that may use the object: its empty authorisation, or the policy over registers that are what they were.
Held use_session(const Tpm& tpm, const Held& root, const TpmSealedKey& key) {
  Held chosen = session(tpm, root.get(), key.pcrs.empty() ? TPM2_SE_HMAC : TPM2_SE_POLICY);
  if (key.pcrs.empty()) return chosen;
  const auto object = unmarshalled<TPM2B_PUBLIC>(key.public_area, ::Tss2_MU_TPM2B_PUBLIC_Unmarshal);
  const TPM2B_DIGEST& wanted = object.publicArea.authPolicy;
  if (policy_over(tpm, chosen, key.pcrs) != base::Buffer(wanted.buffer, wanted.buffer + wanted.size))
    fail(base::Kind::failure, "PCR " + text_of(key.pcrs) +
                                  ": not what it was sealed to; the machine was started otherwise, or its firmware or "
                                  "keys changed");
  return chosen;
}

class Tss2SealingTpm final : public SealingTpm {
 public:
  explicit Tss2SealingTpm(std::string address) : address_(std::move(address)) {}

  TpmSealedKey seal(const base::Secret& key, const std::vector<unsigned>& pcrs) override {
    const Tpm tpm(address_);
    base::Buffer policy;
    if (!pcrs.empty()) {
      expect_bank(tpm, pcrs);
      policy = policy_over(tpm, session(tpm, ESYS_TR_NONE, TPM2_SE_TRIAL), pcrs);
    }
    auto persistent = persistent_root_of(tpm);
    const Held root = persistent ? *std::move(persistent) : transient_root(tpm);
    return created(tpm, root, key, policy, pcrs);
  }

  base::Secret unseal(const TpmSealedKey& key) override {
    const Tpm tpm(address_);
    const Held root = root_named(tpm, key.parent);
    const Held object = loaded(tpm, root, session(tpm, root.get(), TPM2_SE_HMAC), key);
    const Held use = use_session(tpm, root, key);
    encrypt(tpm, use, TPMA_SESSION_ENCRYPT);
    TPM2B_SENSITIVE_DATA* data = nullptr;
    check(::Esys_Unseal(tpm.get(), object.get(), use.get(), ESYS_TR_NONE, ESYS_TR_NONE, &data), "Unseal");
    const std::unique_ptr<TPM2B_SENSITIVE_DATA, WipedAndFreed> owned(data);
    return base::Secret(base::Buffer(data->buffer, data->buffer + data->size));
  }

 private:
  static TpmSealedKey created(const Tpm& tpm, const Held& root, const base::Secret& key, const base::Buffer& policy,
                              const std::vector<unsigned>& pcrs) {
    const Held guarded = session(tpm, root.get(), TPM2_SE_HMAC);
    encrypt(tpm, guarded, both_ways);
    TPM2B_SENSITIVE_CREATE sensitive{};
    sensitive.sensitive.data.size = static_cast<UINT16>(key.size());
    std::copy_n(key.view().data(), std::min(key.size(), sizeof sensitive.sensitive.data.buffer),
                sensitive.sensitive.data.buffer);
    const TPM2B_PUBLIC wanted = data_object(policy);
    const TPM2B_DATA outside{};
    const TPML_PCR_SELECTION no_pcrs{};
    TPM2B_PRIVATE* private_area = nullptr;
    TPM2B_PUBLIC* public_area = nullptr;
    const TSS2_RC code =
        ::Esys_Create(tpm.get(), root.get(), guarded.get(), ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &wanted, &outside,
                      &no_pcrs, &private_area, &public_area, nullptr, nullptr, nullptr);
    base::wipe({sensitive.sensitive.data.buffer, sizeof sensitive.sensitive.data.buffer});
    check(code, "sealing below the storage root key");
    const Owned<TPM2B_PRIVATE> owned_private(private_area);
    const Owned<TPM2B_PUBLIC> owned_public(public_area);
    return {marshalled(*public_area, ::Tss2_MU_TPM2B_PUBLIC_Marshal),
            marshalled(*private_area, ::Tss2_MU_TPM2B_PRIVATE_Marshal), root.name(), pcrs};
  }

  std::string address_;
};

}  // namespace
}  // namespace kms

extern "C" kms::SealingTpm* bulkhead_sealing_tpm(const std::string& address) {
  return new kms::Tss2SealingTpm(address);
}
