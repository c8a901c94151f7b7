#pragma once
#include <memory>
#include <string>

#include "measurement/boot_events.h"
#include "measurement/explain.h"
#include "measurement/launch_configuration.h"

/// The kinds of digest a search knows. Each keeps what it worked out for the files, which must outlive it.
namespace measurement {

/// How many vCPUs a search looks at, or the planned count where that is larger.
inline constexpr unsigned most_searched_vcpus = 512;

/// SNP launch digests, 48 bytes.
std::unique_ptr<LaunchModel> snp_model(const KnownFiles& files);
/// SEV-ES launch digests, 32 bytes, of both VM types.
std::unique_ptr<LaunchModel> sev_es_model(const KnownFiles& files);
/// SEV launch digests, 32 bytes.
std::unique_ptr<LaunchModel> sev_model(const KnownFiles& files);
/// The PCRs of an emulated guest, 32 or 48 bytes.
/// @param machine and hypervisor as in LaunchConfiguration: they decide how the kernel is read
std::unique_ptr<LaunchModel> tpm_model(const KnownFiles& files, std::string machine, HypervisorVersion hypervisor);

/// The events behind the PCRs of an emulated guest. @throws base::Error when they cannot be predicted
std::vector<BootEvent> predicted_events(const LaunchCandidate& launch, const KnownFiles& files, std::string machine,
                                        HypervisorVersion hypervisor);

}  // namespace measurement
