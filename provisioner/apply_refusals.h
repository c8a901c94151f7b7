#pragma once
#include "provisioner/apply.h"

namespace provisioner {

/// Why `apply` may refuse before it touches anything; one function for each reason.

/// @throws Error{failure} when the image is not built or measured, or the document asks for what is not built yet
void refuse_unready(const Intent& intent);
/// @throws Error{host} listing every missing feature with its remedy
void refuse_missing_features(base::Tee tee, const std::vector<ProbeFinding>& probe);
/// A resource whose mark is neither the one the plan saw nor the planned one, or that the plan does not know, means
/// that somebody else changed the host since. What is absent is no reason: a reboot loses bridges, and apply makes them
/// again.
/// @throws Error{failure} naming each
void refuse_stale(const Plan& plan, const HostState& now);
/// A service's user id is its tenant's alone. @throws Error{failure} naming the tenant that has it
void refuse_shared_user_id(const Plan& plan, const std::map<base::TenantId, std::uint32_t>& used);
/// Sources of what shall be made, and boot files that were installed earlier, must have the planned digest.
/// @throws Error{failure} naming file, got and wanted
void refuse_changed_files(const Difference& change, const FileDigest& digest_of);
/// The installed boot files, right before a guest is started from them. @throws Error{failure}
void refuse_changed_boot_files(const std::vector<PlannedResource>& resources, const FileDigest& digest_of);

}  // namespace provisioner
