#include "images/guestfs_disk.h"

#include <guestfs.h>

#include <cstdlib>
#include <string_view>

#include "base/error.h"

namespace images {
namespace {

struct Close {
  void operator()(guestfs_h* handle) const { guestfs_close(handle); }
};
using Handle = std::unique_ptr<guestfs_h, Close>;

/// @throws Error{host} in the first line of libguestfs's words when `result` is its -1; its programs may go on for long
void check(const Handle& handle, int result, const std::string& doing, const char* hint = "") {
  if (result != -1) return;
  const char* const words = guestfs_last_error(handle.get());
  const std::string_view all = words == nullptr ? "no reason" : words;
  throw base::Error(base::Kind::host,
                    "libguestfs cannot " + doing + ": " + std::string(all.substr(0, all.find('\n'))) + hint);
}

/// Hands libguestfs's progress messages (position, total) on as per cent.
void on_progress(guestfs_h*, void* opaque, std::uint64_t, int, int, const char*, std::size_t,
                 const std::uint64_t* array, std::size_t array_length) {
  const auto& progress = *static_cast<const std::function<void(int)>*>(opaque);
  constexpr std::size_t position = 2;
  constexpr std::size_t total = 3;
  if (array_length > total && array[total] != 0) progress(static_cast<int>(array[position] * 100 / array[total]));
}

Handle open_handle() {
  Handle handle(guestfs_create_flags(0));
  if (!handle) throw base::Error(base::Kind::host, "libguestfs cannot start: out of memory");
  guestfs_set_error_handler(handle.get(), nullptr, nullptr);
  check(handle, guestfs_set_backend(handle.get(), "direct"), "choose its backend");
  const char* const accelerator = std::getenv("BULKHEAD_ACCEL");
  if (accelerator == nullptr || std::string_view(accelerator) != "kvm") {
    std::string setting = "force_tcg";
    char* const settings[] = {setting.data(), nullptr};
    check(handle, guestfs_set_backend_settings(handle.get(), settings), "choose TCG");
  }
  return handle;
}

/// One ext4 file system on the whole disk, without a journal: it is only ever mounted read-only.
void make_file_system(const Handle& handle, const std::string& label, const std::string& seed_uuid) {
  struct guestfs_mke2fs_argv options{};
  options.bitmask = GUESTFS_MKE2FS_FSTYPE_BITMASK | GUESTFS_MKE2FS_BLOCKSIZE_BITMASK | GUESTFS_MKE2FS_LABEL_BITMASK |
                    GUESTFS_MKE2FS_UUID_BITMASK | GUESTFS_MKE2FS_HASJOURNAL_BITMASK |
                    GUESTFS_MKE2FS_RESERVEDBLOCKSPERCENTAGE_BITMASK | GUESTFS_MKE2FS_LAZYITABLEINIT_BITMASK;
  options.fstype = "ext4";
  options.blocksize = 4096;
  options.label = label.c_str();
  options.uuid = seed_uuid.c_str();
  options.hasjournal = 0;
  options.reservedblockspercentage = 0;
  options.lazyitableinit = 1;
  check(handle, guestfs_mke2fs_argv(handle.get(), "/dev/sda", &options), "make an ext4 file system");
}

class GuestfsDisk final : public GuestDisk {
 public:
  void make_root_image(const std::string& path, base::MiB size, const std::string& label, const std::string& seed_uuid,
                       const std::string& tar_path, const std::function<void(int)>& progress) override {
    const Handle handle = open_handle();
    guestfs_h* const guest = handle.get();
    check(handle, guestfs_disk_create(guest, path.c_str(), "raw", static_cast<std::int64_t>(size.bytes()), -1),
          "create " + path);
    check(handle,
          guestfs_add_drive_opts(guest, path.c_str(), GUESTFS_ADD_DRIVE_OPTS_FORMAT, "raw",
                                 GUESTFS_ADD_DRIVE_OPTS_CACHEMODE, "unsafe", -1),
          "open " + path);
    check(handle, guestfs_launch(guest), "start its appliance",
          " (libguestfs-test-tool shows why; it needs a kernel in /boot)");
    make_file_system(handle, label, seed_uuid);
    check(handle, guestfs_mount_options(guest, "noatime", "/dev/sda", "/"), "mount the new file system");
    auto* const callback = const_cast<std::function<void(int)>*>(&progress);
    if (progress)
      check(handle, guestfs_set_event_callback(guest, on_progress, GUESTFS_EVENT_PROGRESS, 0, callback),
            "tell progress");
    check(handle, guestfs_tar_in_opts(guest, tar_path.c_str(), "/", GUESTFS_TAR_IN_OPTS_XATTRS, 1, -1),
          "unpack " + tar_path + " into an image of " + std::to_string(size.count) + " MiB",
          " (when no space is left, give the recipe a larger size)");
    check(handle, guestfs_umount_all(guest), "unmount the new file system");
    check(handle, guestfs_shutdown(guest), "write the image out");
  }
};

}  // namespace

std::unique_ptr<GuestDisk> make_guestfs_disk() {
  return std::make_unique<GuestfsDisk>();
}

}  // namespace images
