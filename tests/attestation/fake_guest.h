#pragma once
#include <map>

#include "attestation/approval.h"
#include "attestation/wire/kbs_client.h"
#include "attestation/wire/tpm_evidence.h"
#include "base/crypto.h"
#include "base/posix_process.h"

/// A guest with a TPM made of an RSA key: it measures what it is told, logs it and quotes it.
namespace fake {

inline void append_le(base::Buffer& to, std::uint64_t value, unsigned size) {
  for (unsigned i = 0; i < size; ++i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}
inline void append_be(base::Buffer& to, std::uint64_t value, unsigned size) {
  for (unsigned i = size; i-- > 0;) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

struct Event {
  unsigned pcr;
  std::uint32_t type;
  std::string data;
};

inline const std::vector<Event>& usual_events() {
  static const std::vector<Event> events{{0, 8, "firmware"}, {7, 0x80000001, "SecureBoot"}, {4, 0x80000003, "kernel"},
                                         {9, 6, "initrd"},   {2, 4, "separator"},           {3, 4, "separator"},
                                         {5, 4, "separator"}};
  return events;
}

/// The crypto-agile log: the Spec ID record, then one record an event. Source: TCG PFP 1.06, section 10.4.5
inline base::Buffer event_log(const std::vector<Event>& events) {
  base::Buffer spec(16);
  std::copy_n("Spec ID Event03", 15, spec.begin());
  append_le(spec, 0, 4);
  for (const unsigned value : {0U, 2U, 0U, 2U}) spec.push_back(static_cast<std::uint8_t>(value));
  append_le(spec, 2, 4);
  for (const auto& [algorithm, size] : {std::pair{0x0B, 32}, std::pair{0x0C, 48}}) {
    append_le(spec, static_cast<std::uint64_t>(algorithm), 2);
    append_le(spec, static_cast<std::uint64_t>(size), 2);
  }
  spec.push_back(0);
  base::Buffer log;
  append_le(log, 0, 4);
  append_le(log, 3, 4);
  log.resize(log.size() + 20);
  append_le(log, spec.size(), 4);
  base::append(log, spec);
  for (const Event& event : events) {
    append_le(log, event.pcr, 4);
    append_le(log, event.type, 4);
    append_le(log, 2, 4);
    append_le(log, 0x0B, 2);
    base::append(log, base::sha256(base::bytes_of(event.data)).bytes);
    append_le(log, 0x0C, 2);
    base::append(log, base::sha384(base::bytes_of(event.data)).bytes);
    append_le(log, event.data.size(), 4);
    base::append(log, base::bytes_of(event.data));
  }
  return log;
}

template <typename Hash>
void extend(base::Buffer& pcr, Hash hash, const std::string& data) {
  base::append(pcr, hash(base::bytes_of(data)).bytes);
  pcr = base::buffer_of(hash(pcr).bytes);
}

/// An RSA 2048 key; making one takes a while.
inline base::PrivateKey new_key() {
  return base::PrivateKey::from_pem(
      base::run_or_throw({"openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"}), "test key");
}

class Guest final : public attestation::wire::EvidenceMaker {
 public:
  explicit Guest(std::string name) : Guest(std::move(name), next_key()) {}
  Guest(std::string name, base::PrivateKey key) : name_(std::move(name)), key_(std::move(key)) {}

  std::vector<Event> events = usual_events();
  std::string document = "initdata";        ///< what is sent
  std::string extended = "initdata";        ///< what PCR 8 got
  std::optional<std::string> claimed;       ///< another guest's name
  std::optional<base::Buffer> claimed_key;  ///< another guest's public key
  bool swap_pcr = false;                    ///< send a PCR value that was not quoted
  bool plain = false;                       ///< send what Trustee's attester sends: no event log, no name
  std::uint32_t resets = 5;                 ///< how often its TPM was reset
  std::uint64_t clock = 100;                ///< its TPM's clock, milliseconds

  [[nodiscard]] base::Buffer public_key() const { return key_.public_key().der(); }
  [[nodiscard]] const std::string& name() const { return name_; }
  attestation::wire::InitData init_data() override { return {"toml", document}; }
  [[nodiscard]] std::string_view tee() const override { return "tpm"; }
  base::Json primary_evidence(const base::Sha384& digest) override {
    return evidence(attestation::wire::tpm_report_data(digest)).json();
  }
  [[nodiscard]] attestation::wire::TpmEvidence evidence(base::Bytes report_data) const {
    attestation::wire::TpmEvidence made;
    made.ak_public = claimed_key.value_or(public_key());
    made.quote = quote(0x0B, pcrs(32), report_data);
    if (!plain) made.bulkhead = {claimed.value_or(name_), event_log(events), quote(0x0C, pcrs(48), report_data)};
    if (swap_pcr) made.quote.pcrs[4][0] ^= 1U;
    return made;
  }

  /// What the owner would have approved of this guest as it is now.
  [[nodiscard]] attestation::ApprovedGuest approved() const {
    measurement::TpmReferenceValues values;
    for (const unsigned pcr : {2U, 3U, 4U, 5U, 7U, 9U}) {
      values.pcrs.sha256[pcr] = base::Sha256::from(pcrs(32)[pcr]);
      values.pcrs.sha384[pcr] = base::Sha384::from(pcrs(48)[pcr]);
    }
    static const std::map<std::uint32_t, std::string> names{{4, "EV_SEPARATOR"},
                                                            {6, "EV_EVENT_TAG"},
                                                            {8, "EV_S_CRTM_VERSION"},
                                                            {0x80000001, "EV_EFI_VARIABLE_DRIVER_CONFIG"},
                                                            {0x80000003, "EV_EFI_BOOT_SERVICES_APPLICATION"}};
    for (const Event& event : events) {
      if (event.pcr < 2) continue;
      values.events.push_back({event.pcr, names.at(event.type), event.data, measurement::Provenance::input_file,
                               base::sha256(base::bytes_of(event.data)), base::sha384(base::bytes_of(event.data))});
    }
    return {name_, base::sha256(base::bytes_of(document)), values};
  }

 private:
  /// One of four RSA keys in turn, so that the guests of one test differ; making one takes a while.
  static base::PrivateKey next_key() {
    static std::vector<base::PrivateKey> keys;
    static std::size_t next = 0;
    if (keys.size() < 4) keys.push_back(new_key());
    return keys[next++ % 4];
  }
  [[nodiscard]] std::vector<base::Buffer> pcrs(std::size_t size) const {
    std::vector<base::Buffer> values(24, base::Buffer(size));
    const auto into = [&](unsigned pcr, const std::string& data) {
      size == 32 ? extend(values[pcr], base::sha256, data) : extend(values[pcr], base::sha384, data);
    };
    for (const Event& event : events) into(event.pcr, event.data);
    into(8, extended);
    return values;
  }
  [[nodiscard]] attestation::wire::TpmQuote quote(unsigned bank, std::vector<base::Buffer> values,
                                                  base::Bytes report_data) const {
    base::Buffer joined;
    for (const base::Buffer& value : values) base::append(joined, value);
    base::Buffer message;
    append_be(message, 0xFF544347, 4);
    append_be(message, 0x8018, 2);
    append_be(message, 0, 2);
    append_be(message, report_data.size(), 2);
    base::append(message, report_data);
    append_be(message, clock, 8);
    append_be(message, resets, 4);
    append_be(message, 0, 4);  // restartCount
    append_be(message, 1, 1);  // safe
    append_be(message, 7, 8);  // firmwareVersion
    append_be(message, 1, 4);
    append_be(message, bank, 2);
    append_be(message, 0x03FFFFFF, 4);
    append_be(message, 32, 2);
    base::append(message, base::sha256(joined).bytes);
    const base::Buffer raw = key_.sign(message);
    base::Buffer signature;
    append_be(signature, 0x0014000B, 4);
    append_be(signature, raw.size(), 2);
    base::append(signature, raw);
    return {signature, message, std::move(values)};
  }

  std::string name_;
  base::PrivateKey key_;
};

}  // namespace fake
