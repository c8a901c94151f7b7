#include "provisioner/service_driver.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/error.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "provisioner/marked_file.h"
#include "provisioner/service_process.h"
#include "provisioner/service_unit.h"

namespace provisioner {
namespace {

namespace fs = std::filesystem;

/// A directory or file that only the service's user may enter or read.
void give_to(const std::string& path, unsigned user_id, mode_t mode) {
  if (::chown(path.c_str(), user_id, user_id) != 0 || ::chmod(path.c_str(), mode) != 0)
    throw base::Error(base::Kind::host,
                      "cannot give " + path + " to user " + std::to_string(user_id) + ": " + std::strerror(errno));
}

void make_directory(const std::string& path, unsigned user_id) {
  make_store_directories(path);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    throw base::Error(base::Kind::host, "cannot make directory " + path + ": " + std::strerror(errno));
  give_to(path, user_id, 0700);
}

std::string same_namespace_or_drift(pid_t process, const std::string& router) {
  struct stat mine{}, wanted{};
  if (::stat(("/proc/" + std::to_string(process) + "/ns/net").c_str(), &mine) != 0) return {};
  if (::stat(("/run/netns/" + router).c_str(), &wanted) != 0) return "its router is gone";
  return mine.st_ino == wanted.st_ino ? std::string() : "not in its router";
}

class LocalServiceDriver final : public ServiceDriver {
 public:
  LocalServiceDriver(ServiceRoots roots, base::Secret bundle) : roots_(std::move(roots)), bundle_(std::move(bundle)) {}

  [[nodiscard]] ResourceKind kind() const noexcept override { return ResourceKind::service; }

  std::vector<MarkedThing> marked() override {
    std::vector<MarkedThing> found;
    std::error_code ignored;
    for (const fs::directory_entry& tenant : fs::directory_iterator(roots_.store + "/tenants", ignored)) {
      const std::optional<OwnerMark> mark = file_mark(tenant.path() / "service");
      if (mark && mark->tenant.name == tenant.path().filename()) found.push_back({tenant.path().filename(), *mark});
    }
    return found;
  }

  std::map<base::TenantId, std::uint32_t> user_ids() override {
    std::map<base::TenantId, std::uint32_t> ids;
    for (const MarkedThing& thing : marked()) {
      struct stat status{};
      if (::stat(state_of(thing.mark.tenant).c_str(), &status) == 0) ids[thing.mark.tenant] = status.st_uid;
    }
    return ids;
  }

  Undo make(const base::TenantId& tenant, const Resource& wanted) override {
    refuse_foreign(tenant, wanted.name);
    const ServicePlace place = place_of(tenant, wanted);
    make_directory(place.state, place.user_id);
    set_file_mark(place.state, mark_of(tenant, wanted));
    UndoUnlessDone undo([this, tenant, name = wanted.name] { remove(tenant, name); });
    put_files(place, wanted);
    start(place, wanted);
    return undo.done();
  }

  /// The old configuration comes back with its mark; what the service keeps (keys, secrets, log) stays throughout.
  Undo replace(const base::TenantId& tenant, const Observed&, const Resource& wanted) override {
    const ServicePlace place = place_of(tenant, wanted);
    stop(tenant);
    make_directory(place.state, place.user_id);
    for (const fs::directory_entry& file : fs::recursive_directory_iterator(place.state))
      give_to(file.path(), place.user_id, file.is_directory() ? 0700 : 0600);
    put_files(place, wanted);
    set_file_mark(place.state, mark_of(tenant, wanted));
    start(place, wanted);
    return [this, tenant] { stop(tenant); };
  }

  void remove(const base::TenantId& tenant, const std::string& name) override {
    if (!has(tenant, name)) return;
    stop(tenant);
    std::error_code refused;
    for (const std::string& path : {run_of(tenant), state_of(tenant)}) {
      fs::remove_all(path, refused);
      if (refused) throw base::Error(base::Kind::host, "cannot remove " + path + ": " + refused.message());
    }
    remove_empty_directories(state_of(tenant), roots_.store);
    ::rmdir(roots_.run.c_str());  // the last tenant's service leaves nothing
  }

 protected:
  bool exists(const std::string& name) override { return fs::exists(state_of({name})); }

  std::string drift(const MarkedThing& thing) override {
    const std::optional<pid_t> process = service_process(run_of(thing.mark.tenant) + "/attestd.lock");
    if (!process) return "not running";
    if (bundle_.size() != 0 && !is_in_use(bundle_, thing.mark.tenant)) return "another service bundle was given";
    return same_namespace_or_drift(*process, "bh-" + thing.mark.tenant.name);
  }

 private:
  [[nodiscard]] bool is_in_use(const base::Secret& bundle, const base::TenantId& tenant) const {
    const std::string path = state_of(tenant) + "/bundle.json";
    return fs::exists(path) && base::equal_in_constant_time(base::read_secret_file(path).view(), bundle.view());
  }
  [[nodiscard]] std::string state_of(const base::TenantId& tenant) const {
    return roots_.store + "/tenants/" + tenant.name + "/service";
  }
  [[nodiscard]] std::string run_of(const base::TenantId& tenant) const { return roots_.run + "/" + tenant.name; }

  [[nodiscard]] ServicePlace place_of(const base::TenantId& tenant, const Resource& wanted) const {
    const base::Json& body = wanted.body;
    base::expect_members(body, {"userId", "address", "port", "router", "supervision", "approvalKeys", "ca", "kms"},
                         "body of service " + wanted.name);
    const std::int64_t user_id = body.at("userId").integer();
    if (user_id < 1000 || user_id > 0xfffffffe)
      throw base::Error(base::Kind::failure,
                        "service " + wanted.name + ": user id " + std::to_string(user_id) + " is not for services");
    return {tenant.name,
            roots_.program,
            state_of(tenant),
            run_of(tenant),
            body.at("router").text(),
            body.at("address").text() + ":" + std::to_string(body.at("port").integer()),
            static_cast<unsigned>(user_id)};
  }

  void put_files(const ServicePlace& place, const Resource& wanted) const {
    make_directory(place.run, place.user_id);
    ::unlink(place.admin_socket().c_str());  // a killed service leaves its socket behind
    const std::string bundle = place.state + "/bundle.json", config = place.state + "/config.json";
    if (bundle_.size() != 0) base::write_file_atomically(bundle, bundle_.view(), 0600);
    if (!fs::exists(bundle))
      throw base::Error(base::Kind::failure,
                        "no service bundle was given for tenant " + place.tenant + " (bulkhead keys service makes it)");
    base::Json text;
    text["approvalKeys"] = wanted.body.at("approvalKeys");
    text["ca"] = wanted.body.at("ca");
    if (const base::Json* const kms = wanted.body.find("kms")) text["kms"] = *kms;
    base::write_file_atomically(config, text.pretty(), 0600);
    give_to(bundle, place.user_id, 0600);
    give_to(config, place.user_id, 0600);
  }

  static void start(const ServicePlace& place, const Resource& wanted) {
    const std::string& supervision = wanted.body.at("supervision").text();
    if (supervision == "systemd") {
      start_unit(place);
    } else if (supervision == "child") {
      start_detached(place);
    } else {
      throw base::Error(base::Kind::failure,
                        "service " + place.tenant + ": supervision '" + supervision + "', wanted systemd or child");
    }
    await_service(place);
  }

  void stop(const base::TenantId& tenant) const {
    stop_unit(tenant.name);
    stop_service(run_of(tenant) + "/attestd.lock");
  }

  ServiceRoots roots_;
  base::Secret bundle_;
};

}  // namespace

std::unique_ptr<ServiceDriver> make_service_driver(ServiceRoots roots, base::Secret bundle) {
  return std::make_unique<LocalServiceDriver>(std::move(roots), std::move(bundle));
}

}  // namespace provisioner
