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

void add_registers(const std::vector<base::Buffer>& pcrs, std::set<std::string>& images) {
  for (const unsigned pcr : logged_pcrs) images.insert(base::hex(pcrs.at(pcr)));
}

}  // namespace

RevocableFacts revocable_facts(const wire::TpmEvidence& evidence, const std::string& guest) {
  RevocableFacts facts{guest, {}, {}};
  add_registers(evidence.quote.pcrs, facts.images);
  if (!evidence.bulkhead) return facts;
  add_registers(evidence.bulkhead->sha384_quote.pcrs, facts.images);
  try {
    for (const measurement::LogEvent& event : measurement::parse_event_log(evidence.bulkhead->event_log).events) {
      if (event.pcr != 4 && event.pcr != 9) continue;
      if (event.sha256) facts.images.insert(event.sha256->hex());
      if (event.sha384) facts.images.insert(event.sha384->hex());
    }
  } catch (const base::Error&) {  // event_log_problems() refuses such a log
  }
  return facts;
}

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
