#include "attestation/known_values.h"

namespace attestation {
namespace {

template <typename Digest>
void add_bank(const std::string& bank, const std::map<unsigned, Digest>& registers, ApprovedValues& values) {
  for (const auto& [number, digest] : registers) {
    values[bank + " PCR " + std::to_string(number)] = {digest.hex()};
  }
}

ApprovedValues values_of(const measurement::TpmReferenceValues& tpm) {
  ApprovedValues values;
  add_bank("sha256", tpm.pcrs.sha256, values);
  add_bank("sha384", tpm.pcrs.sha384, values);
  return values;
}

ApprovedValues values_of(const measurement::SnpReferenceValues& snp) {
  return {{"measurement", {snp.launch_digest.hex()}}, {"HOST_DATA", {snp.host_data.hex()}}};
}

ApprovedValues values_of(const measurement::TdxReferenceValues& tdx) {
  ApprovedValues values{{"MRTD", {tdx.mrtd.hex()}}, {"MRCONFIGID", {tdx.mr_config_id.hex()}}};
  for (std::size_t i = 0; i < tdx.rtmrs.size(); ++i) {
    std::set<std::string>& allowed = values["RTMR" + std::to_string(i)];
    for (const base::Sha384& value : tdx.rtmrs[i]) allowed.insert(value.hex());
  }
  return values;
}

std::vector<std::string> differing_names(const QuotedValues& quoted, const ApprovedValues& approved) {
  std::vector<std::string> names;
  for (const auto& [name, allowed] : approved) {
    const auto found = quoted.find(name);
    if (found == quoted.end() || !allowed.contains(found->second)) names.push_back(name);
  }
  return names;
}

std::string joined(const std::vector<std::string>& texts, const char* separator) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : separator) + text;
  return all;
}

}  // namespace

ApprovedValues approved_values(const ApprovedGuest& approved) {
  return std::visit([](const auto& values) { return values_of(values); }, approved.reference_values);
}

std::vector<std::string> value_problems(const QuotedValues& quoted, const ApprovedValues& approved) {
  std::vector<std::string> problems;
  for (const std::string& name : differing_names(quoted, approved)) {
    const std::set<std::string>& allowed = approved.at(name);
    const auto got = quoted.find(name);
    problems.push_back(name + ": wanted " + joined({allowed.begin(), allowed.end()}, " or ") + ", got " +
                       (got == quoted.end() ? "none" : got->second));
  }
  return problems;
}

std::optional<std::string> nearest_match(const QuotedValues& quoted, const Approval& approval) {
  const ApprovedGuest* nearest = nullptr;
  std::vector<std::string> least;
  for (const ApprovedGuest& guest : approval.guests) {
    const ApprovedValues values = approved_values(guest);
    std::vector<std::string> differing = differing_names(quoted, values);
    if (differing.size() == values.size() || (nearest != nullptr && differing.size() >= least.size())) continue;
    nearest = &guest;
    least = std::move(differing);
  }
  if (nearest == nullptr) return std::nullopt;
  return "nearest known match: " + nearest->guest + (least.empty() ? "" : ", but for " + joined(least, ", "));
}

}  // namespace attestation
