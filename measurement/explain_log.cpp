#include "measurement/explain_log.h"

#include <algorithm>

namespace measurement {
namespace {

template <typename Digest>
std::optional<unsigned> register_with(const std::map<unsigned, Digest>& bank, base::Bytes digest) {
  const auto found = std::find_if(bank.begin(), bank.end(), [&](const auto& entry) {
    return std::equal(digest.begin(), digest.end(), entry.second.bytes.begin(), entry.second.bytes.end());
  });
  return found == bank.end() ? std::nullopt : std::optional(found->first);
}

}  // namespace

LogExplanation explain_with_log(base::Bytes digest, const std::vector<BootEvent>& predicted, const EventLog& log) {
  const PcrValues values = replay(log);
  LogExplanation explanation{
      digest.size() == base::Sha256::size ? register_with(values.sha256, digest) : register_with(values.sha384, digest),
      std::nullopt};
  if (explanation.reg) explanation.difference = first_difference(predicted, log, {*explanation.reg});
  return explanation;
}

}  // namespace measurement
