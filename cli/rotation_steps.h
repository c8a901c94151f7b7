#pragma once
#include <string>

namespace cli {

/// What has to be done for the next key to count, in indented lines; docs/owner-keys.md says why.
/// @param made the path of what was made, without its ending where it has several
std::string steps_for_bundle(const std::string& tenant, const std::string& made);
std::string steps_for_storage_key();
std::string steps_for_identity(const std::string& made);
std::string steps_for_ca(const std::string& made);
std::string steps_for_approval_key(const std::string& made);
/// An ID or author key, or an approval key of that kind.
std::string steps_for_p384_key(const std::string& made);
std::string steps_for_backup_or_recovery_key(const std::string& made);

}  // namespace cli
