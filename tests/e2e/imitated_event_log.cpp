#include "tests/e2e/imitated_event_log.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "measurement/tcg_log.h"

namespace forge {
namespace {

using measurement::BootEvent;

constexpr std::uint32_t no_action = 3;
constexpr std::size_t bytes_before_digests = 12;  // register, type, number of digests: 4 bytes each
constexpr std::uint16_t sha256_id = 0x0b, sha384_id = 0x0c;

std::size_t digest_size(std::uint16_t algorithm) {
  switch (algorithm) {
    case 0x04:
      return 20;
    case sha256_id:
      return 32;
    case sha384_id:
      return 48;
    case 0x0d:
      return 64;
    default:
      throw base::Error(base::Kind::failure, "event log: a bank of unknown size");
  }
}

/// Overwrites the SHA-256 and SHA-384 digests of the record that starts at `offset`.
void overwrite_digests(base::Buffer& log, std::size_t offset, std::size_t banks, const BootEvent& event) {
  std::size_t at = offset + bytes_before_digests;
  for (std::size_t bank = 0; bank < banks; ++bank) {
    const auto algorithm = static_cast<std::uint16_t>(log.at(at) | log.at(at + 1) << 8U);
    at += 2;
    const auto to = log.begin() + static_cast<std::ptrdiff_t>(at);
    if (algorithm == sha256_id) std::copy(event.sha256.bytes.begin(), event.sha256.bytes.end(), to);
    if (algorithm == sha384_id) std::copy(event.sha384.bytes.begin(), event.sha384.bytes.end(), to);
    at += digest_size(algorithm);
  }
}

}  // namespace

base::Buffer imitated_event_log(base::Bytes own, const std::vector<BootEvent>& predicted) {
  std::map<unsigned, std::vector<const BootEvent*>> wanted;
  for (const BootEvent& event : predicted) wanted[event.pcr].push_back(&event);
  base::Buffer log = base::buffer_of(own);
  const measurement::EventLog parsed = measurement::parse_event_log(own);
  std::map<unsigned, std::size_t> seen;
  for (const measurement::LogEvent& record : parsed.events) {
    const auto found = wanted.find(record.pcr);
    if (record.type == no_action || found == wanted.end()) continue;
    const std::size_t index = seen[record.pcr]++;
    if (index < found->second.size()) {
      overwrite_digests(log, record.offset, parsed.algorithms.size(), *found->second[index]);
    }
  }
  for (const auto& [pcr, events] : wanted) {
    if (seen[pcr] == events.size()) continue;
    throw base::Error(base::Kind::failure, "PCR " + std::to_string(pcr) + ": " + std::to_string(seen[pcr]) +
                                               " events here, the victim has " + std::to_string(events.size()));
  }
  return log;
}

}  // namespace forge
