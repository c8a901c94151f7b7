#pragma once
#include <vector>

#include "base/secret.h"

/// The key of a guest's volume as the service sends it, inside a JWE.
namespace attestation::wire {

/// What a guest needs to open a volume, and whether it may make it.
struct VolumeKeys {
  bool may_format = false;             ///< no disk was ever formatted with this key: an empty one may be
  std::vector<base::Secret> versions;  ///< 32 bytes each: the current one, then the next one while the key is rotating
};

/// Plain bytes, so that no copy of a key passes through a document's parser: a header (volume_keys.cpp), then the keys.
base::Secret volume_keys_bytes(const VolumeKeys& keys);
/// The inverse. @throws Error{malformed} naming what is not as it should be, trailing bytes included
VolumeKeys parse_volume_keys(base::Bytes bytes);

}  // namespace attestation::wire
