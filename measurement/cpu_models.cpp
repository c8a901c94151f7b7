#include "measurement/cpu_models.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/encoding.h"
#include "base/error.h"

namespace measurement {
namespace {

constexpr std::array<CpuModel, 7> models{{{"EPYC", 5, {0x17, 0x01, 2}},
                                          {"EPYC-IBPB", 0, {0x17, 0x01, 2}},
                                          {"EPYC-Rome", 5, {0x17, 0x31, 0}},
                                          {"EPYC-Milan", 3, {0x19, 0x01, 1}},
                                          {"EPYC-Genoa", 2, {0x19, 0x11, 0}},
                                          {"EPYC-Turin", 2, {0x1a, 0x00, 0}},
                                          {"Dhyana", 2, {0x18, 0x00, 1}}}};

void expect_at_most(const char* what, unsigned got, unsigned most) {
  if (got <= most) return;
  throw base::Error(base::Kind::malformed, std::string(what) + ": got " + base::hex_number(got) + ", wanted at most " +
                                               base::hex_number(most));
}

/// The N of "MODEL-vN"; nullopt when `name` does not end so.
std::optional<unsigned> version_of(std::string_view name, std::string_view model) {
  if (!name.starts_with(model) || !name.substr(model.size()).starts_with("-v")) return std::nullopt;
  const std::string_view digits = name.substr(model.size() + 2);
  unsigned version = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.front() == '0') return std::nullopt;
  return version;
}

bool has_name(const CpuModel& model, std::string_view name) {
  const std::optional<unsigned> version = version_of(name, model.name);
  return name == model.name || (version && *version <= model.versions);
}

}  // namespace

std::uint32_t cpuid_signature(const CpuVersion& version) {
  expect_at_most("CPU family", version.family, 0xf + 0xff);
  expect_at_most("CPU model number", version.model, 0xff);
  expect_at_most("CPU stepping", version.stepping, 0xf);
  const unsigned family = std::min(version.family, 0xfU);
  return (version.family - family) << 20U | version.model >> 4U << 16U | family << 8U | (version.model & 0xfU) << 4U |
         version.stepping;
}

std::span<const CpuModel> cpu_models() noexcept {
  return models;
}

std::optional<std::uint32_t> cpuid_signature(std::string_view cpu_model) {
  const auto found =
      std::find_if(models.begin(), models.end(), [&](const CpuModel& model) { return has_name(model, cpu_model); });
  return found == models.end() ? std::nullopt : std::optional(cpuid_signature(found->cpu));
}

std::string cpu_model_names() {
  std::string names;
  for (const CpuModel& model : models) names += (names.empty() ? "" : ", ") + std::string(model.name);
  return names;
}

}  // namespace measurement
