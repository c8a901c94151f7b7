#include "attestation/release_rules.h"

#include <charconv>

#include "attestation/guest_name.h"
#include "base/crypto.h"
#include "base/initdata.h"

namespace attestation {
namespace {

/// Who a guest is and not what it runs; or not in everybody's evidence.
bool is_left_out(const std::string& name) {
  return name == "HOST_DATA" || name == "MRCONFIGID" || name.starts_with("sha384 ");
}

kms::Measurement digest_of(const QuotedValues& values) {
  if (values.size() == 1 && values.begin()->first == "measurement") return values.begin()->second;
  std::string lines;
  for (const auto& [name, value] : values) lines += name + " " + value + "\n";
  return base::sha256(base::bytes_of(lines)).hex();
}

}  // namespace

kms::Measurement measurement_of(const QuotedValues& quoted, const ApprovedGuest& approved) {
  QuotedValues values;
  for (const auto& [name, allowed] : approved_values(approved)) {
    if (is_left_out(name)) continue;
    const auto found = quoted.find(name);
    values[name] = found == quoted.end() ? "none" : found->second;
  }
  return digest_of(values);
}

std::set<kms::Measurement> approved_measurements(const ApprovedGuest& approved) {
  std::vector<QuotedValues> combinations{{}};
  for (const auto& [name, allowed] : approved_values(approved)) {
    if (is_left_out(name)) continue;
    std::vector<QuotedValues> longer;
    for (const QuotedValues& shorter : combinations) {
      for (const std::string& value : allowed) (longer.emplace_back(shorter))[name] = value;
    }
    combinations = std::move(longer);
  }
  std::set<kms::Measurement> measurements;
  for (const QuotedValues& values : combinations) measurements.insert(digest_of(values));
  return measurements;
}

base::GuestId guest_id(const std::string& tenant, const std::string& guest) {
  const std::size_t slash = guest.find('/');
  unsigned index = 0;
  std::from_chars(guest.data() + slash + 1, guest.data() + guest.size(), index);
  return {{tenant}, guest.substr(0, slash) == "worker" ? base::Pool::worker : base::Pool::control, index};
}

kms::KeyName bootstrap_key(const std::string& guest) {
  return kms::KeyName::parse("bootstrap/" + guest);
}

kms::KeyName volume_key(const std::string& guest, const std::string& volume) {
  return kms::KeyName::parse(guest + "/" + volume);
}

std::optional<VolumeName> volume_of_path_segment(std::string_view segment) {
  const std::size_t pool_end = segment.find('-');
  const std::size_t guest_end = pool_end == std::string_view::npos ? pool_end : segment.find('-', pool_end + 1);
  if (guest_end == std::string_view::npos) return std::nullopt;
  const std::optional<std::string> guest = guest_of_path_segment(segment.substr(0, guest_end));
  if (!guest) return std::nullopt;
  const std::string_view volume = segment.substr(guest_end + 1);
  return base::is_volume_name(volume) ? std::optional(VolumeName{*guest, std::string(volume)}) : std::nullopt;
}

std::map<kms::KeyName, kms::ReleasePolicy> release_rules(const Approval& approval) {
  std::map<kms::KeyName, kms::ReleasePolicy> rules;
  for (const ApprovedGuest& guest : approval.guests) {
    const base::GuestId id = guest_id(approval.tenant, guest.guest);
    const kms::ReleasePolicy policy{id.tenant, id.pool, id.index, approved_measurements(guest)};
    rules.emplace(bootstrap_key(guest.guest), policy);
    for (const std::string& volume : guest.volumes) rules.emplace(volume_key(guest.guest, volume), policy);
  }
  return rules;
}

}  // namespace attestation
