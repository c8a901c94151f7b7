#pragma once
#include <memory>
#include <string>

#include "kms/file_store.h"

namespace kms {

/// Of keys that guests make at a KMS and nobody sees here: handles are empty. @param where for messages
std::unique_ptr<KeyMaterial> make_material_of_guests(std::string where);

/// Where guests ask a KMS for their keys themselves: their records in a file of the service's, and no key. States
/// and versions change as those of other keys do, but nothing is released or destroyed here: Error{failure} says where
/// it is. A version that was rotated out is forgotten here and stays there.
/// @param records_keys they protect the records @param where the KMS, for messages
FileStore open_passport_records(const FileStoreOptions& options, KeyEncryptionKeys records_keys, std::string where);

}  // namespace kms
