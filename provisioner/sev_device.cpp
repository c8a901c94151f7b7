#include "provisioner/sev_device.h"

#include <algorithm>
#include <charconv>

#include "base/byte_reader.h"

namespace provisioner {
namespace {

constexpr std::size_t chip_id_size = 64;

struct StatusLayout {
  std::uint8_t api_major, api_minor, state, rmp;
  base::le32 build, flags, guest_count;
  base::le64 current_tcb, reported_tcb;
};
static_assert(sizeof(StatusLayout) == 32);

/// The number after "NAME\t: "; lines are looked at in order.
std::optional<unsigned> number_of(std::string_view cpuinfo, std::string_view name) {
  while (!cpuinfo.empty()) {
    const std::string_view line = cpuinfo.substr(0, cpuinfo.find('\n'));
    cpuinfo.remove_prefix(std::min(cpuinfo.size(), line.size() + 1));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || line.substr(0, line.find_last_not_of(" \t", colon - 1) + 1) != name)
      continue;
    const std::string_view value = line.substr(std::min(line.size(), colon + 2));
    unsigned number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size()) return std::nullopt;
    return number;
  }
  return std::nullopt;
}

}  // namespace

SnpStatus parse_snp_status(base::Bytes bytes) {
  base::ByteReader reader("SNP platform status", bytes);
  const auto layout = reader.take<StatusLayout>();
  reader.expect_end();
  const std::uint32_t flags = layout.flags.value();
  return {layout.api_major,     layout.api_minor,           layout.state,
          layout.build.value(), (flags & 1U) != 0,          (flags & 2U) != 0,
          (flags & 4U) != 0,    layout.current_tcb.value(), layout.reported_tcb.value()};
}

SevIdentity read_sev_identity(SevDevice& device) {
  SevIdentity identity;
  const base::Buffer ids = device.identity();
  base::ByteReader reader("SEV identity", ids);
  while (!reader.done()) {
    const base::Bytes id = reader.take(chip_id_size);
    std::ranges::copy(id, identity.chip_ids.emplace_back().begin());
  }
  identity.status = parse_snp_status(device.snp_status());
  return identity;
}

std::optional<measurement::CpuVersion> amd_cpu(std::string_view cpuinfo) {
  const bool amd = cpuinfo.find("AuthenticAMD") != std::string_view::npos;
  const auto family = number_of(cpuinfo, "cpu family"), model = number_of(cpuinfo, "model"),
             stepping = number_of(cpuinfo, "stepping");
  if (!amd || !family || !model || !stepping) return std::nullopt;
  return measurement::CpuVersion{*family, *model, *stepping};
}

}  // namespace provisioner
