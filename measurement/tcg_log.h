#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "measurement/boot_events.h"

namespace measurement {

/// The register index of a record that belongs to none: some firmware writes its remarks (EV_NO_ACTION) so.
inline constexpr std::uint32_t no_register = 0xffffffff;

/// One record of an event log.
struct LogEvent {
  std::uint32_t pcr = 0;               ///< PCR; in a CC event log the measurement register (0 MRTD, 1..4 RTMR0..3)
  std::uint32_t type = 0;              ///< TCG event type
  std::optional<base::Sha256> sha256;  ///< absent when the log has no such bank
  std::optional<base::Sha384> sha384;
  base::Buffer data;
  std::size_t offset = 0;  ///< of the record in the log
};

/// A crypto-agile event log: Linux's binary_bios_measurements, or the area a CCEL table points to.
struct EventLog {
  std::vector<std::uint16_t> algorithms;  ///< TPM_ALG_ID of each digest of every record
  std::vector<LogEvent> events;           ///< without the Spec ID record
};

/// "EV_SEPARATOR"; "0x1234" when the type has no name in TCG PFP 1.06, section 10.4.1.
std::string event_type_name(std::uint32_t type);

/// Parses a TCG2 log. The log ends with its bytes, or where zeros, or a register index of 0xffffffff without
/// EV_NO_ACTION after it, starts. Source: TCG PC Client Platform Firmware Profile 1.06, sections 10.2 and 10.4.5;
/// UEFI 2.10, section 38.4.
/// @throws base::Error{malformed} with the offset
EventLog parse_event_log(base::Bytes bytes);

/// The registers the log says it extended. EV_NO_ACTION extends nothing; a StartupLocality record sets PCR 0's start.
PcrValues replay(const EventLog& log);

/// One predicted event beside the logged one at its place. The pointers are into what was compared.
struct ComparedEvent {
  unsigned pcr = 0;
  std::size_t index = 0;                 ///< of the event among those of this PCR, from 0
  const BootEvent* predicted = nullptr;  ///< nullptr when the log has one event too many
  const LogEvent* logged = nullptr;      ///< nullptr when it has one too few
  bool equal = false;
};

/// Sets the events side by side, PCR by PCR and in order: those predicted in their order, then records nobody
/// predicted. EV_NO_ACTION records do not count.
std::vector<ComparedEvent> compare_events(const std::vector<BootEvent>& predicted, const EventLog& log,
                                          const std::set<unsigned>& pcrs);

/// Where a log stops being what was predicted.
struct Difference {
  unsigned pcr = 0;
  std::size_t index = 0;  ///< of the event among those of this PCR, from 0
  std::string what;       ///< provenance of the predicted event; "" when the log has one event too many
  std::string got;        ///< hexadecimal digest and type, or "no event"
  std::string wanted;     ///< likewise
  std::string text;       ///< all of it in one sentence
};

/// Compares, PCR by PCR and in order, the digests of the banks the log has. EV_NO_ACTION records do not count,
/// and of an unpredictable event only the type does.
/// @returns the first difference in the order of `predicted`, then records nobody predicted
std::optional<Difference> first_difference(const std::vector<BootEvent>& predicted, const EventLog& log,
                                           const std::set<unsigned>& pcrs);

}  // namespace measurement
