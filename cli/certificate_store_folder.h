#pragma once
#include <map>
#include <string>
#include <vector>

#include "attestation/certificate_store.h"
#include "base/json.h"
#include "cli/console.h"

/// The folder that is a store of the vendors' certificates (attestation/certificate_store.h says what is in it).
namespace cli {

/// By path below the store, so each thing once and always in one order.
using StoredFiles = std::map<std::string, attestation::StoredFile>;

/// What vendors' files bring. An issuer may come in a later one. @param contents by name, for messages
/// @throws base::Error{malformed} for a file that does not parse; Error{not_attested} for what is under no vendor's
/// root
StoredFiles sorted_for_store(const std::map<std::string, std::string>& contents);
/// The same of files and folders on this machine.
StoredFiles read_for_store(const std::vector<std::string>& paths);

/// {"kind","path","subject","from","until"}
base::Json stored_file_json(const attestation::StoredFile& file);

/// Writes what is not there yet and says what was new: lines, or bulkhead.certificate-import/v1.
void put_into_store(const StoredFiles& files, const std::string& store, bool json, Console& console);

}  // namespace cli
