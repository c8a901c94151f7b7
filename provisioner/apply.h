#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "provisioner/host_module.h"
#include "provisioner/plan.h"

namespace provisioner {

/// Hashes a file. @throws Error{failure} when it cannot be read
using FileDigest = std::function<base::Sha256(const std::string& path)>;
/// Takes one line of progress: "[ 3/11] create   domain bh-acme-worker-0".
using Progress = std::function<void(const std::string& line)>;

/// Whether guests are defined and started, or left as they are, so that somebody learns their keys first.
enum class Guests { start, leave };

/// What `apply` knows of the world besides the host.
struct ApplyInputs {
  base::Envelope approval;
  std::int64_t now = 0;  ///< seconds since the epoch, for the approval's last day
  FileDigest digest_of;
  std::vector<ProbeFinding> probe;  ///< what the host offers for the plan's tee; empty for emulated
  Guests guests = Guests::start;
};

/// What an apply did; all zero but `kept` when there was nothing to change.
struct Applied {
  std::size_t created = 0, replaced = 0, removed = 0, kept = 0;
  std::size_t left = 0;  ///< guests that wait for an apply that starts them
  [[nodiscard]] bool changed() const noexcept { return created + replaced + removed > 0; }
};

/// Makes the host what the plan says. Everything that can be refused is refused before anything is touched: a plan that
/// is unresolved, stale or asks for what is not built, an approval that is partial or for another intent, a file that
/// is not the approved one, a host without the hardware, a namesake that is not the tenant's. Resources are then made
/// in order; when one fails, those already made by this run are taken back in reverse. What is already as planned is
/// not touched, so a second apply changes nothing and restarts nothing. With
/// Guests::leave no guest is made, replaced or started; the next apply does it.
/// @throws Error{failure} for a refusal, Error{host} when the host lacks something or a step failed
Applied apply(const Plan& plan, const ApplyInputs& inputs, Host& host, const Progress& tell);

/// Removes everything that carries the tenant's mark, in reverse order of making; goes on after a failure.
/// @return how much was removed. @throws Error{host} naming all that could not be
std::size_t destroy(const base::TenantId& tenant, Host& host, const Progress& tell);

}  // namespace provisioner
