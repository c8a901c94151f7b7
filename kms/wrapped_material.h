#pragma once
#include <memory>
#include <string>

#include "kms/key_material.h"
#include "kms/key_wrapper.h"

namespace kms {

/// Keys whose handles are the keys themselves, wrapped for their tenant, name and version. So it stores nothing;
/// erasing a key is dropping its handle from its record.
/// @param provider its name for messages
std::unique_ptr<KeyMaterial> make_wrapped_material(std::string provider, std::shared_ptr<KeyWrapper> wrapper);

/// The handle of the same key under another key-encryption key, for the same tenant, name and version.
base::Buffer rewrapped(KeyWrapper& from, KeyWrapper& to, const MaterialId& id, base::Bytes handle);

}  // namespace kms
