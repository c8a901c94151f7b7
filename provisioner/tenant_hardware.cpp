#include "provisioner/tenant_hardware.h"

namespace provisioner {
namespace {

std::optional<std::uint8_t> level(const std::optional<unsigned>& least) {
  return least ? std::optional(static_cast<std::uint8_t>(*least)) : std::nullopt;
}

attestation::LeastSnpTcb least_tcb(const tenants::MinimumTcb& least) {
  return {level(least.fmc), level(least.bootloader), level(least.tee), level(least.snp), level(least.microcode)};
}

/// A chip id of Turin has 8 bytes; written with the report's zeros behind it, it is the same chip.
std::string chip_id(const std::string& written) {
  constexpr std::size_t turin_digits = 16;
  const bool zeros_follow =
      written.size() > 2 * turin_digits && written.find_first_not_of('0', turin_digits) == std::string::npos;
  return zeros_follow ? written.substr(0, turin_digits) : written;
}

}  // namespace

attestation::HardwarePolicy hardware_policy(const tenants::Tenant& tenant, base::Pool pool) {
  attestation::HardwarePolicy policy;
  if (tenant.tee.value == base::Tee::emulated) return policy;
  const tenants::HardwareDemands demands = tenant.hardware(pool);
  policy.debug = tenant.launch_policy.debug.value;
  policy.smt = demands.smt_allowed.value_or(true);
  for (const auto& chip : demands.chips) policy.chips.insert(chip_id(chip.value));
  if (demands.milan) policy.minimum_tcb["milan"] = least_tcb(*demands.milan);
  if (demands.genoa) policy.minimum_tcb["genoa"] = least_tcb(*demands.genoa);
  if (demands.turin) policy.minimum_tcb["turin"] = least_tcb(*demands.turin);
  if (demands.provisional_firmware) policy.provisional_firmware = demands.provisional_firmware->value;
  if (demands.vmpl) policy.vmpl = demands.vmpl->value;
  if (!demands.tcb_statuses.empty()) policy.tcb_statuses.clear();
  for (const auto& status : demands.tcb_statuses) policy.tcb_statuses.insert(status.value);
  return policy;
}

}  // namespace provisioner
