#include "attestation/key_generation.h"

#include "base/json.h"

namespace attestation {

std::optional<std::uint64_t> noted_key_generation(std::string_view log) {
  // From the end: the log may be long, and the last note is what counts.
  while (!log.empty()) {
    const std::size_t end = log.rfind('\n');
    log = log.substr(0, end == std::string_view::npos ? 0 : end);
    const std::size_t before = log.rfind('\n');
    const std::string_view line = before == std::string_view::npos ? log : log.substr(before + 1);
    if (line.find(key_generation_fact) == std::string_view::npos) continue;
    const base::Json entry = base::Json::parse(line, "audit log");
    const base::Json* const noted = entry.find(key_generation_fact);
    if (noted != nullptr && noted->is_integer() && noted->integer() >= 0)
      return static_cast<std::uint64_t>(noted->integer());
  }
  return std::nullopt;
}

std::optional<std::string> older_store(std::uint64_t got, std::optional<std::uint64_t> noted) {
  if (!noted || got >= *noted) return std::nullopt;
  return "the key store is older than the audit log: it is of generation " + std::to_string(got) +
         ", the log notes generation " + std::to_string(*noted) +
         ". Put the newer store back, or have `bulkhead service restore` put this one back from a backup";
}

}  // namespace attestation
