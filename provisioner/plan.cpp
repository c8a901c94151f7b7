#include "provisioner/plan.h"

#include <algorithm>

#include "provisioner/id_blocks.h"

namespace provisioner {
namespace {

/// "control/0, worker/0"
std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::vector<std::string> owner_actions(const Intent& intent) {
  std::vector<std::string> actions;
  if (!intent.resolved()) actions.push_back("build or check the image: bulkhead build, then plan again");
  const std::string at = intent.tenant.name + " --url " + intent.service.url();
  if (intent.service.placement == "owner")
    actions.push_back("run the attestation service at " + intent.service.url() +
                      ": bulkhead keys service, bulkhead service configure, bulkhead-attestd");
  if (intent.kms && intent.kms->place.model == kms::Model::passport)
    actions.push_back("have " + intent.kms->place.text() + ", know them: bulkhead kms policy");
  else if (intent.kms)
    actions.push_back("put the connection to " + intent.kms->place.text() +
                      " into the service bundle for the operator: bulkhead keys connect");
  if (!intent.resolved()) return actions;
  std::vector<std::string> owners;
  for (const OwnerIntent& owner : intent.owners) owners.push_back(owner.name);
  actions.push_back("approve intent " + intent_digest(intent).hex().substr(0, 12) + " with the approval key of " +
                    joined(owners) + ": bulkhead approve");
  if (intent.service.placement == "owner") {
    actions.push_back("give it the approval: bulkhead service approve " + at);
    if (intent.tee == base::Tee::emulated)
      actions.push_back("give it the guests' keys, which the operator hands over: bulkhead service enrol " + at);
  }
  std::vector<std::string> signed_pools;
  for (const auto& [pool, block] : id_blocks_to_sign(intent)) signed_pools.push_back(base::name_of(pool));
  if (!signed_pools.empty())
    actions.push_back("sign the ID block of " + joined(signed_pools) + " with the ID key: bulkhead approve --id-key");
  return actions;
}

std::string counted(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what;
}

std::vector<std::string> operator_actions(const Plan& plan) {
  std::vector<std::string> actions;
  const auto count = [&](Action action) {
    return static_cast<std::size_t>(
        std::count_if(plan.resources.begin(), plan.resources.end(),
                      [&](const PlannedResource& planned) { return planned.action == action; }));
  };
  for (const std::string& missing : plan.intent.not_built) actions.push_back("apply will refuse: " + missing);
  if (!plan.pending()) return actions;
  actions.push_back("apply on host '" + plan.host.name + "' (" + plan.host.uri +
                    "): " + counted(count(Action::create), "to create") + ", " +
                    counted(count(Action::replace), "to replace") + ", " + counted(plan.removals.size(), "to remove"));
  std::vector<std::string> started;
  for (const PlannedResource& planned : plan.resources) {
    if (planned.resource.kind == ResourceKind::domain && planned.action != Action::keep)
      started.push_back(planned.resource.name);
  }
  if (!started.empty() && plan.intent.enrols_elsewhere())
    actions.push_back(
        "hand the guests' keys to the owner, who enrols them, before the guests start: apply --enrolments");
  if (!started.empty()) actions.push_back("starts or restarts " + joined(started));
  return actions;
}

}  // namespace

bool Plan::pending() const noexcept {
  return changes_pending(resources, removals);
}

Plan make_plan(Intent intent, HostName host, const std::vector<Resource>& wanted, const HostState& now) {
  Difference found = difference(wanted, now);
  Plan plan{std::move(intent), std::move(host), std::move(found.resources), std::move(found.removals), {}, {}};
  // Before the image is built nobody knows the guests' names for their files, so nothing can be called unwanted.
  if (!plan.intent.resolved()) plan.removals.clear();
  plan.owner_actions = owner_actions(plan.intent);
  plan.operator_actions = operator_actions(plan);
  return plan;
}

}  // namespace provisioner
