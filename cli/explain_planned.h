#pragma once
#include <string>
#include <vector>

#include "cli/explain.h"
#include "cli/known_images.h"
#include "measurement/explain.h"
#include "provisioner/plan.h"

namespace cli {

/// The launches a digest was expected of.
struct ExpectedLaunches {
  std::vector<measurement::PlannedLaunch> launches;
  std::optional<base::Tee> tee;           ///< of the plan
  std::optional<provisioner::Plan> plan;  ///< absent: from flags
};

/// Reads them from the flags or from the plan, and adds their files and tables to `images`.
/// @param host_signature CPUID.1.EAX of the host, for planned models that are the host's
/// @throws Error{usage} when the flags name no launch or two; Error{failure} when a file of the plan is in none of the
/// folders
ExpectedLaunches expected_launches(const ExplainOptions& options, KnownImages& images,
                                   std::optional<std::uint32_t> host_signature);

}  // namespace cli
