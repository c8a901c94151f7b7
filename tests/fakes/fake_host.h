#pragma once
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "provisioner/host_state.h"

namespace fakes {

using provisioner::Observed;
using provisioner::Resource;
using provisioner::ResourceKey;
using provisioner::ResourceKind;

/// A host in memory. What is on it is `things`; what others own there is `foreign`; every change is written to `log`.
class FakeHost final : public provisioner::Host {
 public:
  struct Thing {
    base::TenantId tenant;
    base::Sha256 digest;
    std::string drift;
    bool operator==(const Thing&) const = default;
  };
  std::map<ResourceKey, Thing> things;
  std::set<ResourceKey> foreign;
  std::vector<std::string> log;
  std::vector<provisioner::GuestRuntime> running;
  std::map<std::string, base::Buffer> keys;
  std::map<base::TenantId, std::uint32_t> user_ids;
  std::map<base::TenantId, std::set<std::string>> fences;
  /// The change of this number (from 0) throws; a negative number never.
  int fails_at = -1;
  /// Taking back this resource throws.
  std::string undo_fails_for;
  /// Removing this resource throws.
  std::string remove_fails_for;

  FakeHost();
  provisioner::ResourceDriver& driver(ResourceKind kind) override { return *drivers_[static_cast<std::size_t>(kind)]; }
  std::vector<base::TenantId> tenants() override;
  std::vector<provisioner::GuestRuntime> guests(const base::TenantId&) override { return running; }
  std::set<std::string> fenced(const base::TenantId& tenant) override { return fences[tenant]; }
  void fence(const base::TenantId& tenant, const std::set<std::string>& guests) override { fences[tenant] = guests; }
  std::map<std::string, base::Buffer> guest_keys(const base::TenantId&) override { return keys; }
  std::map<base::TenantId, std::uint32_t> service_user_ids() override { return user_ids; }

 private:
  class Driver final : public provisioner::ResourceDriver {
   public:
    Driver(FakeHost& host, ResourceKind kind) : host_(host), kind_(kind) {}
    [[nodiscard]] ResourceKind kind() const noexcept override { return kind_; }
    std::vector<Observed> observe(const base::TenantId& tenant) override;
    bool foreign_namesake(const base::TenantId& tenant, const std::string& name) override;
    provisioner::Undo make(const base::TenantId& tenant, const Resource& wanted) override;
    provisioner::Undo replace(const base::TenantId& tenant, const Observed& old, const Resource& wanted) override;
    void remove(const base::TenantId& tenant, const std::string& name) override;

   private:
    provisioner::Undo undo_to(const ResourceKey& key, std::optional<Thing> before);
    void change(const std::string& verb, const std::string& name);
    FakeHost& host_;
    ResourceKind kind_;
  };
  std::array<std::unique_ptr<Driver>, provisioner::resource_kinds> drivers_;
  int changes_ = 0;
};

inline FakeHost::FakeHost() {
  for (std::size_t i = 0; i < drivers_.size(); ++i) {
    drivers_[i] = std::make_unique<Driver>(*this, static_cast<ResourceKind>(i));
  }
}

inline std::vector<base::TenantId> FakeHost::tenants() {
  std::set<base::TenantId> names;
  for (const auto& [key, thing] : things) names.insert(thing.tenant);
  return {names.begin(), names.end()};
}

inline std::vector<Observed> FakeHost::Driver::observe(const base::TenantId& tenant) {
  std::vector<Observed> found;
  for (const auto& [key, thing] : host_.things) {
    if (key.first == kind_ && thing.tenant == tenant) found.push_back({kind_, key.second, thing.digest, thing.drift});
  }
  return found;
}

inline bool FakeHost::Driver::foreign_namesake(const base::TenantId& tenant, const std::string& name) {
  const auto found = host_.things.find({kind_, name});
  return host_.foreign.contains({kind_, name}) || (found != host_.things.end() && found->second.tenant != tenant);
}

inline void FakeHost::Driver::change(const std::string& verb, const std::string& name) {
  if (host_.changes_++ == host_.fails_at) throw base::Error(base::Kind::host, "No space left on device");
  host_.log.push_back(verb + " " + name_of(kind_) + " " + name);
}

inline provisioner::Undo FakeHost::Driver::undo_to(const ResourceKey& key, std::optional<Thing> before) {
  return [this, key, before] {
    if (key.second == host_.undo_fails_for) throw base::Error(base::Kind::host, "Device or resource busy");
    host_.log.push_back(std::string("undo ") + name_of(kind_) + " " + key.second);
    host_.things.erase(key);
    if (before) host_.things[key] = *before;
  };
}

inline provisioner::Undo FakeHost::Driver::make(const base::TenantId& tenant, const Resource& wanted) {
  change("make", wanted.name);
  const ResourceKey key{kind_, wanted.name};
  if (host_.things.contains(key)) throw base::Error(base::Kind::host, wanted.name + " exists");
  host_.things[key] = {tenant, wanted.digest(), ""};
  return undo_to(key, std::nullopt);
}

inline provisioner::Undo FakeHost::Driver::replace(const base::TenantId& tenant, const Observed& old,
                                                   const Resource& wanted) {
  change("replace", wanted.name);
  const ResourceKey key{kind_, old.name};
  const Thing before = host_.things.at(key);
  host_.things[key] = {tenant, wanted.digest(), ""};
  return undo_to(key, before);
}

inline void FakeHost::Driver::remove(const base::TenantId&, const std::string& name) {
  if (name == host_.remove_fails_for) throw base::Error(base::Kind::host, "Device or resource busy");
  change("remove", name);
  host_.things.erase({kind_, name});
}

}  // namespace fakes
