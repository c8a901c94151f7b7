#pragma once
#include <string>
#include <vector>

#include "measurement/prediction.h"
#include "measurement/tcg_log.h"
#include "measurement/td_quote.h"

namespace measurement {

/// Whose registers a log extends: a TPM's PCRs, or the measurement registers of a confidential guest.
enum class LogKind { tpm, cc };

/// A log with SHA-384 (or SM3) only and no register above 4 is a confidential guest's.
LogKind guess_kind(const EventLog& log);

/// "PCR 7"; "RTMR0" for register 1 of a confidential guest, "MRTD" for 0.
std::string register_name(LogKind kind, unsigned index);

/// The first event of each predicted register that is not the predicted one, in the order of the prediction. A register
/// is as predicted when it has the events of the prediction or of one of its alternatives. Registers without predicted
/// events are not looked at, nor is RTMR3, which has no log.
/// @throws base::Error{usage} when one is of a TPM and the other of a confidential guest
std::vector<Difference> differences(const Prediction& prediction, const EventLog& log, LogKind kind);

/// One register as a log replays and as somebody else says it is.
struct RegisterComparison {
  std::string name;              ///< "RTMR0", "sha256 PCR 4"
  std::string replayed, wanted;  ///< hexadecimal
  bool must_match = true;        ///< false for RTMR3, which is extended without a log
  [[nodiscard]] bool matches() const noexcept { return replayed == wanted; }
};
std::vector<RegisterComparison> compare_with_quote(const PcrValues& replayed, const TdRegisters& quote);
/// The registers that are both in the log and in `wanted`: others are extended by nobody, or without a log (IMA's).
std::vector<RegisterComparison> compare_with_pcrs(const PcrValues& replayed, const PcrValues& wanted);

/// Register values from JSON: {"sha256":{"0":"hex",..},"sha384":{..}}, the same in a member "pcrs", or one map of
/// numbers to hexadecimal values whose length tells the bank.
/// @throws base::Error{malformed}
PcrValues parse_pcr_values(const base::Json& json);

}  // namespace measurement
