#include "provisioner/store_files.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/crypto.h"
#include "base/error.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "images/config_disk.h"
#include "provisioner/marked_file.h"

namespace provisioner {
namespace {

namespace fs = std::filesystem;

/// What both kinds do: find marked files in a folder of every tenant's store.
class StoreDriver : public MarkedDriver {
 public:
  StoreDriver(std::string store, std::string folder) : store_(std::move(store)), folder_(std::move(folder)) {}

  std::vector<MarkedThing> marked() override {
    std::vector<MarkedThing> found;
    std::error_code ignored;
    for (const fs::directory_entry& tenant : fs::directory_iterator(store_ + "/tenants", ignored)) {
      for (const fs::directory_entry& file : fs::directory_iterator(tenant.path() / folder_, ignored)) {
        const std::optional<OwnerMark> mark = file_mark(file.path());
        if (mark && mark->tenant.name == tenant.path().filename()) found.push_back({file.path(), *mark});
      }
    }
    return found;
  }

  Undo make(const base::TenantId& tenant, const Resource& wanted) override {
    expect_in_store(tenant, wanted.name);
    refuse_foreign(tenant, wanted.name);
    make_store_directories(wanted.name);
    write(wanted, mark_of(tenant, wanted));
    return [this, tenant, name = wanted.name] { remove(tenant, name); };
  }

  /// The old file stays beside as long as the undo may want it back; it carries no mark of its own while it waits.
  Undo replace(const base::TenantId& tenant, const Observed&, const Resource& wanted) override {
    expect_in_store(tenant, wanted.name);
    const std::string kept = wanted.name + ".old";
    ::unlink(kept.c_str());
    if (::link(wanted.name.c_str(), kept.c_str()) != 0 && errno != ENOENT)
      throw base::Error(base::Kind::host, "cannot keep " + wanted.name + ": " + std::strerror(errno));
    const std::shared_ptr<void> forget(nullptr, [kept](void*) { ::unlink(kept.c_str()); });
    write(wanted, mark_of(tenant, wanted));
    return [kept, name = wanted.name, forget] { ::rename(kept.c_str(), name.c_str()); };
  }

  void remove(const base::TenantId& tenant, const std::string& name) override {
    if (!has(tenant, name)) return;
    if (::unlink(name.c_str()) != 0 && errno != ENOENT)
      throw base::Error(base::Kind::host, "cannot remove " + name + ": " + std::strerror(errno));
    remove_empty_directories(name, store_);
  }

 protected:
  bool exists(const std::string& name) override { return fs::symlink_status(name).type() != fs::file_type::not_found; }

  /// The content was verified when it was written; it is read again only when size or time changed.
  std::string drift(const MarkedThing& thing) override {
    return file_note(thing.name, "stamp") == file_stamp(thing.name) ? std::string() : "file was written to";
  }

  virtual void write(const Resource& wanted, const OwnerMark& mark) = 0;

 private:
  void expect_in_store(const base::TenantId& tenant, const std::string& path) const {
    const fs::path folder = fs::path(store_) / "tenants" / tenant.name / folder_;
    if (fs::path(path).parent_path() != folder || fs::path(path).lexically_normal() != fs::path(path))
      throw base::Error(base::Kind::failure, path + ": not in " + folder.string());
  }

  std::string store_, folder_;
};

base::Sha256 digest_member(const Resource& wanted) {
  const std::optional<base::Sha256> digest = base::Sha256::parse(wanted.body.at("sha256").text());
  if (!digest) throw base::Error(base::Kind::malformed, wanted.name + ": sha256 is not 64 hexadecimal digits");
  return *digest;
}

class BootFileDriver final : public StoreDriver {
 public:
  explicit BootFileDriver(const std::string& store) : StoreDriver(store, "boot") {}
  [[nodiscard]] ResourceKind kind() const noexcept override { return ResourceKind::boot_file; }

 protected:
  void write(const Resource& wanted, const OwnerMark& mark) override {
    base::expect_members(wanted.body, {"source", "sha256"}, "body of boot file " + wanted.name);
    copy_verified(wanted.body.at("source").text(), wanted.name, digest_member(wanted), mark);
  }
};

class VolumeDriver final : public StoreDriver {
 public:
  explicit VolumeDriver(const std::string& store) : StoreDriver(store, "volumes") {}
  [[nodiscard]] ResourceKind kind() const noexcept override { return ResourceKind::volume; }

 protected:
  /// Data disks are the guest's to write.
  std::string drift(const MarkedThing& thing) override {
    return file_note(thing.name, "type") == "data" ? std::string() : StoreDriver::drift(thing);
  }

  void write(const Resource& wanted, const OwnerMark& mark) override {
    const std::string& type = wanted.body.at("type").text();
    if (type == "rootImage") {
      base::expect_members(wanted.body, {"type", "source", "sha256"}, "body of volume " + wanted.name);
      copy_verified(wanted.body.at("source").text(), wanted.name, digest_member(wanted), mark);
    } else if (type == "configDisk") {
      base::expect_members(wanted.body, {"type", "initdata"}, "body of volume " + wanted.name);
      const base::Buffer disk = images::config_disk(wanted.body.at("initdata").text());
      write_marked(wanted.name, disk, disk.size(), mark);
    } else if (type == "data") {
      write_data(wanted, mark);
    } else {
      throw base::Error(base::Kind::malformed, wanted.name + ": a volume of type '" + type + "'");
    }
    set_file_note(wanted.name, "type", type);
  }

 private:
  /// Grows, never shrinks, and never empties what a guest has written.
  static void write_data(const Resource& wanted, const OwnerMark& mark) {
    base::expect_members(wanted.body, {"type", "sizeMiB"}, "body of volume " + wanted.name);
    const auto size = static_cast<std::uint64_t>(wanted.body.at("sizeMiB").integer()) << 20U;
    std::error_code absent;
    const std::uint64_t now = fs::file_size(wanted.name, absent);
    if (absent) return write_marked(wanted.name, {}, size, mark);
    if (now > size) throw base::Error(base::Kind::failure, wanted.name + ": a data disk cannot become smaller");
    std::error_code refused;
    fs::resize_file(wanted.name, size, refused);
    if (refused) throw base::Error(base::Kind::host, "cannot resize " + wanted.name + ": " + refused.message());
    set_file_mark(wanted.name, mark);
  }
};

}  // namespace

std::unique_ptr<MarkedDriver> make_boot_file_driver(const std::string& store) {
  return std::make_unique<BootFileDriver>(store);
}
std::unique_ptr<MarkedDriver> make_volume_driver(const std::string& store) {
  return std::make_unique<VolumeDriver>(store);
}

}  // namespace provisioner
