#pragma once
#include <string>

#include "kms/file_store.h"

namespace kms {

/// Where guests ask a KMS for their keys themselves: their records in a file of the service's, and no key. States
/// change as those of other keys do, but nothing is released, rotated or destroyed here: Error{failure} says where it
/// is.
/// @param records_key 32 bytes; it protects the records @param where the KMS, for messages
FileStore open_passport_records(const FileStoreOptions& options, base::Secret records_key, std::string where);

}  // namespace kms
