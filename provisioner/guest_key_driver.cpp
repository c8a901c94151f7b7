#include "provisioner/guest_key_driver.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include "base/crypto.h"
#include "base/error.h"
#include "base/json.h"
#include "provisioner/marked_file.h"

namespace provisioner {
namespace {

namespace fs = std::filesystem;

/// "worker/0" as it stands in the service's paths: "worker-0".
std::string key_name(std::string guest) {
  for (char& c : guest) c = c == '/' ? '-' : c;
  return guest;
}

/// The inverse.
std::string guest_of(std::string name) {
  for (char& c : name) c = c == '-' ? '/' : c;
  return name;
}

/// Whether the tenant's service on this host has to know the key.
bool enrolled_here(const Resource& wanted) {
  return wanted.body.find("enrolment") == nullptr;
}

class LocalGuestKeyDriver final : public GuestKeyDriver {
 public:
  LocalGuestKeyDriver(std::string root, OpenServiceAdmin service, MakeGuestKey make_key)
      : root_(std::move(root)), service_(std::move(service)), make_key_(std::move(make_key)) {}

  [[nodiscard]] ResourceKind kind() const noexcept override { return ResourceKind::guest_key; }

  std::vector<MarkedThing> marked() override {
    std::vector<MarkedThing> found;
    std::error_code ignored;
    for (const fs::directory_entry& state : fs::directory_iterator(root_, ignored)) {
      const std::optional<OwnerMark> mark = file_mark(state.path());
      const std::string name = file_note(state.path(), "guest");
      if (mark && !name.empty()) found.push_back({name, *mark});
    }
    return found;
  }

  Undo make(const base::TenantId& tenant, const Resource& wanted) override {
    base::expect_members(wanted.body, {"uuid", "guest", "enrolment"}, "body of guest key " + wanted.name);
    if (key_name(wanted.body.at("guest").text()) != wanted.name)
      throw base::Error(base::Kind::failure, "guest key " + wanted.name + " is for another guest in its body");
    const std::string directory = root_ + "/" + wanted.body.at("uuid").text();
    make_directory(directory, tenant, wanted);
    UndoUnlessDone undo([this, tenant, name = wanted.name] { remove(tenant, name); });
    const base::Buffer key = make_key_(directory);
    set_file_note(directory, "key", base::base64(key));
    if (enrolled_here(wanted)) enrol(tenant, wanted.name, key);
    return undo.done();
  }

  /// A key that its service forgot is enrolled again; one whose body changed or that is incomplete is made anew.
  Undo replace(const base::TenantId& tenant, const Observed& old, const Resource& wanted) override {
    const std::optional<base::Buffer> key = base::from_base64(file_note(directory_of(tenant, old.name), "key"));
    if (old.digest == wanted.digest() && key && !key->empty()) {
      if (enrolled_here(wanted)) enrol(tenant, wanted.name, *key);
      return [] {};
    }
    remove(tenant, old.name);
    return make(tenant, wanted);
  }

  void remove(const base::TenantId& tenant, const std::string& name) override {
    const std::string directory = directory_of(tenant, name);
    if (directory.empty()) return;
    if (const std::unique_ptr<ServiceAdmin> service = service_(tenant)) service->delete_guest_key(name);
    std::error_code refused;
    fs::remove_all(directory, refused);
    if (refused) throw base::Error(base::Kind::host, "cannot remove " + directory + ": " + refused.message());
  }

  std::map<std::string, base::Buffer> keys(const base::TenantId& tenant) override {
    std::map<std::string, base::Buffer> found;
    for (const MarkedThing& thing : marked()) {
      if (thing.mark.tenant != tenant) continue;
      const std::optional<base::Buffer> key = base::from_base64(file_note(directory_of(tenant, thing.name), "key"));
      if (key && !key->empty()) found[guest_of(thing.name)] = *key;
    }
    return found;
  }

 protected:
  /// Two tenants may each have a guest of that name: names are the tenant's own here.
  bool exists(const std::string&) override { return false; }

  std::string drift(const MarkedThing& thing) override {
    const std::string directory = directory_of(thing.mark.tenant, thing.name);
    const std::optional<base::Buffer> key = base::from_base64(file_note(directory, "key"));
    if (!key || key->empty()) return "not completely made";
    if (!fs::exists(directory + "/tpm2")) return "TPM state is gone";
    const std::unique_ptr<ServiceAdmin> service = service_(thing.mark.tenant);
    if (!service) return {};  // a dead service is the service's own drift
    const std::string known = known_key(service->state(), thing.name);
    return known == base::sha256(*key).hex() ? "" : known.empty() ? "not enrolled" : "another key is enrolled";
  }

 private:
  [[nodiscard]] std::string directory_of(const base::TenantId& tenant, const std::string& name) const {
    std::error_code ignored;
    for (const fs::directory_entry& state : fs::directory_iterator(root_, ignored)) {
      const std::optional<OwnerMark> mark = file_mark(state.path());
      if (mark && mark->tenant == tenant && file_note(state.path(), "guest") == name) return state.path();
    }
    return {};
  }

  void make_directory(const std::string& directory, const base::TenantId& tenant, const Resource& wanted) const {
    make_store_directories(directory);
    if (::mkdir(directory.c_str(), 0711) != 0) {
      throw base::Error(errno == EEXIST ? base::Kind::failure : base::Kind::host,
                        "cannot make TPM state " + directory + ": " + std::strerror(errno));
    }
    set_file_mark(directory, mark_of(tenant, wanted));
    set_file_note(directory, "guest", wanted.name);
  }

  void enrol(const base::TenantId& tenant, const std::string& name, const base::Buffer& key) const {
    const std::unique_ptr<ServiceAdmin> service = service_(tenant);
    if (!service)
      throw base::Error(base::Kind::host,
                        "tenant " + tenant.name + "'s service does not answer; guest key " + name + " is not enrolled");
    service->put_guest_key(name, key);
  }

  static std::string known_key(const base::Json& state, const std::string& name) {
    for (const base::Json& guest : state.at("guests").array()) {
      const base::Json* const digest = guest.find("akSha256");
      if (key_name(guest.at("guest").text()) == name && digest != nullptr && digest->is_string()) return digest->text();
    }
    return {};
  }

  std::string root_;
  OpenServiceAdmin service_;
  MakeGuestKey make_key_;
};

}  // namespace

std::unique_ptr<GuestKeyDriver> make_guest_key_driver(std::string root, OpenServiceAdmin service,
                                                      MakeGuestKey make_key) {
  return std::make_unique<LocalGuestKeyDriver>(std::move(root), std::move(service), std::move(make_key));
}

}  // namespace provisioner
