#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "measurement/reference_claims.h"

// Source: confidential-containers/trustee, rvps/src/lib.rs (Message), rvps/src/extractors (sample), and the reference
// value names of attestation-service's ear_default_policy_cpu.rego.
namespace measurement {
namespace {

using base::Json;

/// Guest policy. Source: AMD 56860 revision 1.57, table 9.
constexpr std::uint64_t smt_allowed = 1ULL << 16U, single_socket = 1ULL << 20U;

/// The policy compares a register with any of these.
Json values_of(const ReferenceRegister& reg) {
  Json values{Json::Array{}};
  for (const ReferenceRegister::State& state : reg.states) values.push_back(base::hex(state.front()));
  return values;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// The policy compares these with one value, not with a list.
void add_policy(Json& values, std::uint64_t policy) {
  values["snp_guest_abi_major"] = static_cast<int>(policy >> 8U & 0xffU);
  values["snp_guest_abi_minor"] = static_cast<int>(policy & 0xffU);
  values["snp_single_socket"] = (policy & single_socket) != 0;
  values["snp_smt_allowed"] = (policy & smt_allowed) != 0;
}

/// The policy looks each level up in a list; "at least" is not among its words. The FMC level is not looked at.
void add_tcb(Json& values, const TcbLevels& least) {
  constexpr unsigned highest = 255;
  const std::pair<const char*, std::optional<unsigned>> levels[] = {{"snp_bootloader", least.bootloader},
                                                                    {"snp_microcode", least.microcode},
                                                                    {"snp_snp_svn", least.snp},
                                                                    {"snp_tee_svn", least.tee}};
  for (const auto& [name, level] : levels) {
    if (!level) continue;
    values[name] = Json::Array{};
    for (unsigned allowed = *level; allowed <= highest; ++allowed)
      values[name].push_back(static_cast<std::int64_t>(allowed));
  }
}

std::string tdx_name(const std::string& reg) {
  return reg == "MRTD" ? "mr_td" : "rtmr_" + reg.substr(std::string_view("RTMR").size());
}

Json named_values(const ReferenceClaims& claims) {
  Json values{Json::Object{}};
  for (const ReferenceRegister& reg : claims.registers) {
    const std::string name = claims.platform == Platform::snp   ? "snp_launch_measurement"
                             : claims.platform == Platform::tdx ? tdx_name(reg.name)
                                                                : "tpm_" + lower(reg.name);
    values[name] = values_of(reg);
  }
  if (claims.policy) add_policy(values, *claims.policy);
  add_tcb(values, claims.minimum_tcb);
  if (claims.kernel_event) values["tdvfkernel"] = *claims.kernel_event;
  if (claims.command_line_event) values["tdvfkernelparams"] = *claims.command_line_event;
  return values;
}

}  // namespace

base::Json rvps_message(const ReferenceClaims& claims) {
  if (claims.platform == Platform::sev || claims.platform == Platform::sev_es || claims.platform == Platform::cca)
    throw base::Error(base::Kind::usage,
                      "RVPS: Trustee's default policy has no names for this platform, wanted SNP, TDX or TPM");
  const Json values = named_values(claims);
  return Json::Object{{"version", "0.1.0"},
                      {"type", "sample"},
                      {"payload", base::base64(base::bytes_of(values.compact()))},
                      {"values", values}};
}

}  // namespace measurement
