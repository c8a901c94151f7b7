#include "provisioner/apply.h"

#include "base/error.h"
#include "provisioner/apply_refusals.h"
#include "provisioner/approval.h"

namespace provisioner {
namespace {

std::vector<Resource> wanted_of(const Plan& plan) {
  std::vector<Resource> wanted;
  for (const PlannedResource& planned : plan.resources) wanted.push_back(planned.resource);
  return wanted;
}

/// One run over the changes: counts steps, tells them, and remembers how to take them back.
class Run {
 public:
  Run(const base::TenantId& tenant, Host& host, Guests guests, const Progress& tell)
      : tenant_(tenant), host_(host), guests_(guests), tell_(tell) {}

  Applied carry_out(const Difference& change, const HostState& now, const FileDigest& digest_of);

 private:
  void make_all(const std::vector<PlannedResource>& resources, const HostState& now, const FileDigest& digest_of);
  void carry_out(const PlannedResource& planned, const HostState& now);
  [[nodiscard]] bool is_left(const PlannedResource& planned) const {
    return guests_ == Guests::leave && planned.resource.kind == ResourceKind::domain && planned.action != Action::keep;
  }
  /// Goes on after a failure: what is wanted stands already.
  void remove_all(const std::vector<Removal>& removals);
  void announce(const std::string& verb, ResourceKind kind, const std::string& name);
  [[noreturn]] void take_back(base::Kind kind, const std::string& why);

  struct Done {
    std::string what;
    Undo undo;
  };
  const base::TenantId& tenant_;
  Host& host_;
  Guests guests_;
  const Progress& tell_;
  std::size_t steps_ = 0, step_ = 0;
  std::string current_;
  std::vector<Done> done_;
  Applied applied_;
};

Applied Run::carry_out(const Difference& change, const HostState& now, const FileDigest& digest_of) {
  for (const PlannedResource& planned : change.resources) {
    if (is_left(planned))
      ++applied_.left;
    else if (planned.action != Action::keep)
      ++steps_;
  }
  steps_ += change.removals.size();
  try {
    make_all(change.resources, now, digest_of);
  } catch (const base::Error& error) {
    take_back(error.kind(), error.what());
  } catch (const std::exception& error) {
    take_back(base::Kind::failure, error.what());
  }
  remove_all(change.removals);
  return applied_;
}

void Run::make_all(const std::vector<PlannedResource>& resources, const HostState& now, const FileDigest& digest_of) {
  bool boot_files_checked = false;
  for (const PlannedResource& planned : resources) {
    if (is_left(planned)) continue;
    if (planned.action != Action::keep && planned.resource.kind == ResourceKind::domain && !boot_files_checked) {
      refuse_changed_boot_files(resources, digest_of);
      boot_files_checked = true;
    }
    carry_out(planned, now);
  }
}

void Run::remove_all(const std::vector<Removal>& removals) {
  std::string left;
  for (const Removal& gone : removals) {
    announce("remove", gone.kind, gone.name);
    try {
      host_.driver(gone.kind).remove(tenant_, gone.name);
      ++applied_.removed;
    } catch (const std::exception& error) {
      left += "\n  " + current_ + ": " + error.what();
    }
  }
  if (left.empty()) return;
  throw base::Error(base::Kind::host,
                    "everything planned is made, but not everything else is removed; apply again:" + left);
}

void Run::carry_out(const PlannedResource& planned, const HostState& now) {
  const Resource& resource = planned.resource;
  ResourceDriver& driver = host_.driver(resource.kind);
  if (planned.action == Action::keep) {
    ++applied_.kept;
  } else if (planned.action == Action::create) {
    announce("create", resource.kind, resource.name);
    done_.push_back({current_, driver.make(tenant_, resource)});
    ++applied_.created;
  } else {
    announce("replace", resource.kind, resource.name);
    done_.push_back({current_, driver.replace(tenant_, now.at({resource.kind, resource.name}), resource)});
    ++applied_.replaced;
  }
}

void Run::announce(const std::string& verb, ResourceKind kind, const std::string& name) {
  ++step_;
  current_ = verb + " " + name_of(kind) + " " + name;
  const std::string total = std::to_string(steps_);
  std::string number = std::to_string(step_);
  number.insert(0, total.size() - number.size(), ' ');
  tell_("[" + number + "/" + total + "] " + current_);
}

void Run::take_back(base::Kind kind, const std::string& why) {
  std::string left;
  tell_("failed: " + why);
  while (!done_.empty()) {
    const Done done = std::move(done_.back());
    done_.pop_back();
    tell_("take back: " + done.what);
    try {
      done.undo();
    } catch (const std::exception& error) {
      left += "\n  " + done.what + ": " + error.what();
    }
  }
  const std::string outcome =
      left.empty() ? "everything this run did is taken back" : "this could not be taken back:" + left;
  throw base::Error(kind, "step " + std::to_string(step_) + " of " + std::to_string(steps_) + " (" + current_ +
                              ") failed: " + why + "\n" + outcome);
}

}  // namespace

Applied apply(const Plan& plan, const ApplyInputs& inputs, Host& host, const Progress& tell) {
  const base::TenantId& tenant = plan.intent.tenant;
  const std::vector<Resource> wanted = wanted_of(plan);
  refuse_unready(plan.intent);
  refuse_unapproved(plan.intent, inputs.approval, inputs.now);
  refuse_missing_features(plan.intent.tee, inputs.probe);
  const HostState now = observe(host, tenant);
  refuse_stale(plan, now);
  refuse_foreign_namesakes(host, tenant, wanted, now);
  refuse_shared_user_id(plan, host.service_user_ids());
  const Difference change = difference(wanted, now);
  refuse_changed_files(change, inputs.digest_of);
  return Run(tenant, host, inputs.guests, tell).carry_out(change, now, inputs.digest_of);
}

std::size_t destroy(const base::TenantId& tenant, Host& host, const Progress& tell) {
  const std::vector<Removal> all = difference({}, observe(host, tenant)).removals;
  std::string left;
  std::size_t removed = 0;
  for (const Removal& gone : all) {
    const std::string what = std::string(name_of(gone.kind)) + " " + gone.name;
    tell("remove " + what);
    try {
      host.driver(gone.kind).remove(tenant, gone.name);
      ++removed;
    } catch (const std::exception& error) {
      left += "\n  " + what + ": " + error.what();
    }
  }
  if (!left.empty()) throw base::Error(base::Kind::host, "these could not be removed:" + left);
  return removed;
}

}  // namespace provisioner
