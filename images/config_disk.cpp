#include "images/config_disk.h"

#include "base/tar_archive.h"

namespace images {

base::Buffer config_disk(std::string_view initdata) {
  constexpr std::size_t mib = 1U << 20U;
  const base::TarMember file{std::string(config_disk_file), base::TarMember::Type::file, 0444, std::string(initdata)};
  base::Buffer disk = base::tar_archive({&file, 1});
  disk.resize((disk.size() + mib - 1) / mib * mib);
  return disk;
}

}  // namespace images
