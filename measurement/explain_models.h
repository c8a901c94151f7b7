#pragma once
#include <memory>
#include <string_view>

#include "measurement/explain.h"

/// The kinds of digest a search knows. Each keeps what it worked out for the files, which must outlive it.
namespace measurement {

/// How many vCPUs a search looks at where the digest depends on them alone, or the planned count where that is larger.
inline constexpr unsigned most_searched_vcpus = 512;

/// SNP launch digests, 48 bytes.
std::unique_ptr<LaunchModel> snp_model(const KnownFiles& files);
/// SEV-ES launch digests, 32 bytes, of both VM types.
std::unique_ptr<LaunchModel> sev_es_model(const KnownFiles& files);
/// SEV launch digests, 32 bytes.
std::unique_ptr<LaunchModel> sev_model(const KnownFiles& files);

class CandidateBoots;
/// Of registers that are extended event by event. Models that share the boots share what was worked out for the files.
using SharedBoots = std::shared_ptr<CandidateBoots>;
SharedBoots boots_of(const KnownFiles& files);
/// The PCRs of an emulated guest, 32 or 48 bytes.
std::unique_ptr<LaunchModel> tpm_model(SharedBoots boots);

/// The registers of a TD that are decided before its own software runs, in the order they are explained.
enum class TdRegister { mrtd, rtmr0, rtmr1, rtmr2 };
/// "MRTD", "RTMR0"
std::string_view name_of(TdRegister reg) noexcept;
/// One register of a TD, 48 bytes; any of the values it may legitimately have.
std::unique_ptr<LaunchModel> td_model(SharedBoots boots, TdRegister reg);

/// One event of a register, 32 or 48 bytes: a launch matches when it has such an event there, wherever.
/// @param reg the number of the PCR or, for tdx, that of the register in a CC event log
std::unique_ptr<LaunchModel> event_model(SharedBoots boots, base::Tee tee, unsigned reg);

}  // namespace measurement
