#include "images/userland.h"

#include "base/error.h"

namespace images {
namespace {

using base::TarMember;
using Type = TarMember::Type;

constexpr const char* fstab =
    "# The root is read-only; what services write lives in memory and is gone with the guest.\n"
    "tmpfs /tmp tmpfs mode=1777,nosuid,nodev 0 0\n"
    "tmpfs /var/cache tmpfs mode=0755,nosuid,nodev 0 0\n"
    "tmpfs /var/lib/systemd tmpfs mode=0755,nosuid,nodev 0 0\n"
    "tmpfs /var/log tmpfs mode=0755,nosuid,nodev 0 0\n"
    "tmpfs /var/tmp tmpfs mode=1777,nosuid,nodev 0 0\n";

std::string message_unit() {
  return std::string(
             "[Unit]\nDescription=Say on the console that the userland has started\n\n[Service]\nType=oneshot\n") +
         "ExecStart=/bin/echo \"" + userland_is_up + "\"\nStandardOutput=tty\nTTYPath=/dev/console\n";
}

TarMember masked(const std::string& unit) {
  return {"etc/systemd/system/" + unit, Type::symlink, 0777, "/dev/null"};
}

}  // namespace

std::vector<TarMember> userland_files(const Recipe& recipe) {
  std::vector<TarMember> files = {
      {"etc/fstab", Type::file, 0644, fstab},
      {"etc/machine-id", Type::file, 0444, ""},
      {"etc/hostname", Type::symlink, 0777, "/run/bulkhead/hostname"},
      {"etc/resolv.conf", Type::symlink, 0777, "/run/bulkhead/resolv.conf"},
      {"etc/systemd/network/99-default.link", Type::symlink, 0777, "/dev/null"},
      masked("getty@.service"),
      masked("getty-static.service"),
      masked("serial-getty@.service"),
      masked("dpkg-db-backup.timer"),
      {"etc/systemd/system/bulkhead-userland.service", Type::file, 0644, message_unit()},
      {"etc/systemd/system/multi-user.target.wants/bulkhead-userland.service", Type::symlink, 0777,
       "../bulkhead-userland.service"},
  };
  for (const RecipeFile& file : recipe.files) {
    if (!file.path.starts_with('/') || !base::is_plain_relative_path(file.path.substr(1)))
      throw base::Error(base::Kind::failure, "image file '" + file.path + "': wanted an absolute path without '..'");
    std::erase_if(files, [&](const TarMember& ours) { return ours.path == file.path.substr(1); });
    files.push_back({file.path.substr(1), Type::file, file.mode, file.content});
  }
  return files;
}

}  // namespace images
