#pragma once
#include <functional>
#include <string>

#include "base/units.h"

namespace images {

/// Makes and edits guest disk images without mounting anything on the host (libguestfs does it in its own appliance).
class GuestDisk {
 public:
  virtual ~GuestDisk() = default;
  /// Makes `path`, a raw image of `size` holding one ext4 file system labelled `label` with the content of a tar file.
  /// UUID and hash seed come from `seed_uuid`, so the same input gives the same layout. Progress is 0..100.
  /// @throws Error{host} in libguestfs's own words
  virtual void make_root_image(const std::string& path, base::MiB size, const std::string& label,
                               const std::string& seed_uuid, const std::string& tar_path,
                               const std::function<void(int)>& progress) = 0;
};

}  // namespace images
