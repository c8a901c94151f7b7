#pragma once
#include <string>
#include <vector>

#include "base/json.h"
#include "base/units.h"
#include "measurement/boot_events.h"

namespace measurement {

/// One event as every document of ours has it: {"pcr","type","what","provenance","sha256","sha384"}.
base::Json event_json(const BootEvent& event);
/// The inverse. @throws base::Error{malformed} for unknown or missing members
BootEvent parse_event(const base::Json& json);
/// {"sha256":{"0":"hex",..},"sha384":{..}}
base::Json registers_json(const PcrValues& values);

/// A second legitimate outcome of the same boot.
struct Alternative {
  std::string what;               ///< "ExitBootServices was called again"
  std::vector<BootEvent> events;  ///< the whole list
};

/// The register of a confidential guest (0 MRTD, 1..4 RTMR0..3) that stands for a PCR; nullopt for PCR 16 and above.
/// Source: UEFI 2.10, section 38.4.1.
std::optional<unsigned> cc_register_of_pcr(unsigned pcr) noexcept;

/// A boot that was predicted event by event: what `bulkhead measure pcr` and `measure tdx` write.
struct Prediction {
  base::Tee tee = base::Tee::emulated;
  std::vector<BootEvent> events;  ///< for tdx `pcr` is the register of the guest: 1 for RTMR0
  std::vector<Alternative> alternatives;
};

/// The direct kernel boot of an emulated guest, with the outcome that ExitBootServices is called again.
/// @throws base::Error as predict_boot_events()
Prediction predict_direct_boot(const BootInputs& inputs);

/// The members "alternatives" (what, the registers that differ, and all their events) and "events".
base::Json::Array alternatives_json(const Prediction& prediction);
base::Json::Array events_json(const std::vector<BootEvent>& events);

/// Reads the members "tee", "events" and "alternatives" of a document bulkhead.measurement/v1.
/// @throws base::Error{malformed} when it is none, or has no events (snp, sev, igvm)
Prediction parse_prediction(const base::Json& document);

}  // namespace measurement
