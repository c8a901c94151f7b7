#pragma once
#include "base/json.h"
#include "measurement/tcg_log.h"

namespace measurement {

/// Whether the digest an event extended follows from the data the log gives with it. A log is not protected: only its
/// digests are, by replaying to the registers.
enum class DataProof {
  proven,        ///< the data, or the part of it the type says, has this digest
  contradicted,  ///< the type says it must have, and it has not: the data is not what was measured
  opaque,        ///< the data only describes what was measured: compare the digest with a prediction
};
std::string_view name_of(DataProof proof) noexcept;

/// Source: TCG PC Client Platform Firmware Profile 1.06, sections 10.4.1 to 10.4.4.
DataProof data_proof(const LogEvent& event);

/// The data of an event for people and programs, by its type: variables, boot options, programs and their device paths,
/// texts (ASCII or UTF-16) and tagged events. Data that does not parse is given as "hex". Never throws for damaged
/// data.
base::Json event_data_json(const LogEvent& event);

}  // namespace measurement
