#include "attestation/appraise.h"
#include "base/error.h"
#include "measurement/tcg_log.h"

namespace attestation {
namespace {

using Problems = std::vector<std::string>;

/// PCRs that only the firmware and the kernel's EFI stub extend; the guest program alone extends PCR 8.
constexpr unsigned logged_pcrs[] = {0, 1, 2, 3, 4, 5, 6, 7, 9};
const std::set<unsigned> predicted_pcrs{2, 3, 4, 5, 7, 9};

template <typename Digest>
void compare_replay(const char* bank, const std::map<unsigned, Digest>& replayed,
                    const std::vector<base::Buffer>& quoted, Problems& problems) {
  for (const unsigned pcr : logged_pcrs) {
    const auto found = replayed.find(pcr);
    const Digest value = found == replayed.end() ? Digest{} : found->second;
    if (value.hex() == base::hex(quoted.at(pcr))) continue;
    problems.push_back("event log: replays to " + std::string(bank) + " PCR " + std::to_string(pcr) + " " +
                       value.hex() + ", quoted " + base::hex(quoted.at(pcr)));
  }
}

}  // namespace

std::vector<std::string> event_log_problems(const wire::TpmEvidence& evidence,
                                            const measurement::TpmReferenceValues& approved) {
  Problems problems;
  try {
    const measurement::EventLog log = measurement::parse_event_log(evidence.bulkhead->event_log);
    const auto difference = measurement::first_difference(approved.events, log, predicted_pcrs);
    if (difference) problems.push_back("event log: " + difference->text);
    const measurement::PcrValues replayed = measurement::replay(log);
    compare_replay("sha256", replayed.sha256, evidence.quote.pcrs, problems);
    compare_replay("sha384", replayed.sha384, evidence.bulkhead->sha384_quote.pcrs, problems);
  } catch (const base::Error& problem) {
    problems.push_back(std::string("event log: ") + problem.what());
  }
  return problems;
}

}  // namespace attestation
