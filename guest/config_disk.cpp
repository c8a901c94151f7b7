#include "guest/config_disk.h"

#include "base/error.h"
#include "base/tar_archive.h"

namespace guest {

std::string initdata_on(base::Bytes disk) {
  const std::vector<base::TarMember> members = base::read_tar_archive(disk, "config disk");
  if (members.size() == 1 && members[0].path == "initdata.toml" && members[0].type == base::TarMember::Type::file) {
    return members[0].content;
  }
  std::string held;
  for (const base::TarMember& member : members) held += (held.empty() ? "" : ", ") + member.path.substr(0, 40);
  throw base::Error(base::Kind::malformed, "config disk: got " + (held.empty() ? "no file" : held.substr(0, 200)) +
                                               ", wanted the file initdata.toml and nothing else");
}

}  // namespace guest
