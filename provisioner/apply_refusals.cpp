#include "provisioner/apply_refusals.h"

#include <map>

#include "base/error.h"

namespace provisioner {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw base::Error(base::Kind::failure, why);
}

std::string as_item(ResourceKind kind, const std::string& name, const std::string& why) {
  return std::string("\n  ") + name_of(kind) + " '" + name + "': " + why;
}

std::string brief(const base::Sha256& digest) {
  return digest.hex().substr(0, 12);
}

/// What a resource's mark must be so that the plan still holds.
struct Expected {
  std::optional<base::Sha256> before, planned;
};

std::map<ResourceKey, Expected> expectations(const Plan& plan) {
  std::map<ResourceKey, Expected> expected;
  for (const PlannedResource& planned : plan.resources) {
    expected[{planned.resource.kind, planned.resource.name}] = {planned.before, planned.resource.digest()};
  }
  for (const Removal& gone : plan.removals) expected[{gone.kind, gone.name}] = {gone.before, std::nullopt};
  return expected;
}

void compare(const std::string& path, const std::string& wanted, const FileDigest& digest_of, std::string& wrong) {
  const std::string got = digest_of(path).hex();
  if (got != wanted) wrong += "\n  " + path + ": sha256 got " + got + ", wanted " + wanted;
}

void refuse_wrong(const std::string& wrong) {
  if (!wrong.empty()) refuse("these files are not the approved ones:" + wrong);
}

}  // namespace

void refuse_unready(const Intent& intent) {
  if (!intent.resolved()) {
    refuse("the plan of tenant '" + intent.tenant.name +
           "' is not resolved: build and measure the image, then plan again");
  }
  std::string missing;
  for (const std::string& feature : intent.not_built) missing += "\n  " + feature;
  if (!missing.empty()) refuse("tenant '" + intent.tenant.name + "' asks for what this version cannot do:" + missing);
}

void refuse_missing_features(base::Tee tee, const std::vector<ProbeFinding>& probe) {
  if (tee == base::Tee::emulated) return;
  std::string missing;
  for (const ProbeFinding& finding : probe) {
    if (!finding.present) missing += "\n  " + finding.check + ": " + finding.got + "; " + finding.remedy;
  }
  if (probe.empty()) missing = "\n  the host was not probed";
  if (missing.empty()) return;
  throw base::Error(base::Kind::host, std::string("the host cannot run ") + base::name_of(tee) + " guests:" + missing);
}

void refuse_stale(const Plan& plan, const HostState& now) {
  const std::map<ResourceKey, Expected> expected = expectations(plan);
  std::string changed;
  for (const auto& [key, observed] : now) {
    const auto found = expected.find(key);
    if (found == expected.end()) {
      changed += as_item(key.first, key.second, "is not in the plan");
    } else if (observed.digest != found->second.before && observed.digest != found->second.planned) {
      const auto& before = found->second.before;
      changed += as_item(key.first, key.second,
                         "is " + brief(observed.digest) + ", the plan saw " + (before ? brief(*before) : "nothing"));
    }
  }
  if (!changed.empty()) refuse("the plan is stale, the host changed since; plan again:" + changed);
}

void refuse_shared_user_id(const Plan& plan, const std::map<base::TenantId, std::uint32_t>& used) {
  for (const PlannedResource& planned : plan.resources) {
    const base::Json* wanted =
        planned.resource.kind == ResourceKind::service ? planned.resource.body.find("userId") : nullptr;
    if (wanted == nullptr) continue;
    for (const auto& [tenant, user_id] : used) {
      if (tenant == plan.intent.tenant || wanted->integer() != static_cast<std::int64_t>(user_id)) continue;
      refuse("user id " + std::to_string(user_id) + " has become that of tenant '" + tenant.name +
             "'s service; plan again");
    }
  }
}

void refuse_changed_files(const Difference& change, const FileDigest& digest_of) {
  std::string wrong;
  for (const PlannedResource& planned : change.resources) {
    const Resource& resource = planned.resource;
    const base::Json* sha256 = resource.body.find("sha256");
    const base::Json* source = resource.body.find("source");
    if (sha256 == nullptr || source == nullptr) continue;
    if (planned.action != Action::keep) compare(source->text(), sha256->text(), digest_of, wrong);
    if (planned.before && resource.kind == ResourceKind::boot_file)
      compare(resource.name, sha256->text(), digest_of, wrong);
  }
  refuse_wrong(wrong);
}

void refuse_changed_boot_files(const std::vector<PlannedResource>& resources, const FileDigest& digest_of) {
  std::string wrong;
  for (const PlannedResource& planned : resources) {
    if (planned.resource.kind != ResourceKind::boot_file) continue;
    compare(planned.resource.name, planned.resource.body.at("sha256").text(), digest_of, wrong);
  }
  refuse_wrong(wrong);
}

}  // namespace provisioner
