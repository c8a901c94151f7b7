#include "measurement/reference_claims.h"

#include <algorithm>

#include "base/error.h"

namespace measurement {
namespace {

ReferenceClaims tpm_claims(const PcrValues& pcrs) {
  ReferenceClaims claims;
  claims.platform = Platform::tpm;
  for (const auto& [pcr, sha256] : pcrs.sha256) {
    const base::Sha384& sha384 = pcrs.sha384.at(pcr);
    claims.registers.push_back(
        {"PCR" + std::to_string(pcr), {{base::buffer_of(sha256.view()), base::buffer_of(sha384.view())}}});
  }
  return claims;
}

ReferenceClaims snp_claims(const SnpReferenceValues& values) {
  ReferenceClaims claims = claims_of(Platform::snp, "MEASUREMENT", {values.launch_digest.view()});
  claims.policy = values.policy;
  claims.svn = values.guest_svn;
  return claims;
}

std::optional<std::string> event_digest(const std::vector<BootEvent>& events, std::string_view what) {
  const auto found =
      std::find_if(events.begin(), events.end(), [&](const BootEvent& event) { return event.what == what; });
  if (found == events.end() || found->provenance == Provenance::unpredictable) return std::nullopt;
  return found->sha384.hex();
}

ReferenceClaims td_claims(const Mrtd& mrtd, const RtmrSets& rtmrs, const std::vector<BootEvent>& events) {
  ReferenceClaims claims = claims_of(Platform::tdx, "MRTD", {mrtd.view()});
  for (std::size_t index = 0; index < rtmrs.size(); ++index) {
    if (rtmrs[index].empty()) continue;
    ReferenceRegister reg{"RTMR" + std::to_string(index), {}};
    for (const base::Sha384& value : rtmrs[index]) reg.states.push_back({base::buffer_of(value.view())});
    claims.registers.push_back(std::move(reg));
  }
  claims.kernel_event = event_digest(events, "kernel");
  claims.command_line_event = event_digest(events, "command line");
  return claims;
}

void add_register(ReferenceClaims& to, const ReferenceRegister& more) {
  const auto same_name = [&](const ReferenceRegister& r) { return r.name == more.name; };
  const auto found = std::find_if(to.registers.begin(), to.registers.end(), same_name);
  if (found == to.registers.end()) {
    to.registers.push_back(more);
    return;
  }
  for (const ReferenceRegister::State& state : more.states)
    if (std::find(found->states.begin(), found->states.end(), state) == found->states.end())
      found->states.push_back(state);
}

}  // namespace

ReferenceClaims claims_of(Platform platform, std::string register_name, const std::vector<base::Bytes>& digests) {
  ReferenceClaims claims;
  claims.platform = platform;
  ReferenceRegister only{std::move(register_name), {}};
  for (const base::Bytes digest : digests) only.states.push_back({base::buffer_of(digest)});
  claims.registers.push_back(std::move(only));
  return claims;
}

ReferenceClaims claims_of(const Measurement& measurement) {
  if (const auto* tpm = std::get_if<TpmReferenceValues>(&measurement)) return tpm_claims(tpm->pcrs);
  if (const auto* tdx = std::get_if<TdxReferenceValues>(&measurement))
    return td_claims(tdx->mrtd, tdx->rtmrs, tdx->events);
  return snp_claims(std::get<SnpReferenceValues>(measurement));
}

ReferenceClaims claims_of(const TdPrediction& prediction) {
  return td_claims(prediction.mrtd, rtmr_sets(prediction.boot), prediction.boot.events);
}

ReferenceClaims claims_of(const Prediction& boot) {
  ReferenceClaims claims = tpm_claims(fold(boot.events));
  for (const Alternative& other : boot.alternatives) add_claims(claims, tpm_claims(fold(other.events)));
  return claims;
}

void add_claims(ReferenceClaims& to, const ReferenceClaims& more) {
  if (to.policy != more.policy || to.svn != more.svn || to.minimum_tcb != more.minimum_tcb)
    throw base::Error(base::Kind::failure,
                      "reference values: guests of different policy, least TCB or guest SVN, wanted one of each");
  for (const ReferenceRegister& added : more.registers) add_register(to, added);
}

std::string hex_lines(const ReferenceClaims& claims) {
  std::string text;
  for (const ReferenceRegister& reg : claims.registers)
    for (const ReferenceRegister::State& state : reg.states)
      for (const base::Buffer& digest : state)
        text += (claims.registers.size() > 1 ? reg.name + " " : "") + base::hex(digest) + "\n";
  return text;
}

}  // namespace measurement
