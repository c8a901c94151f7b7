#include "provisioner/planned_resources.h"

#include <map>

#include "base/error.h"
#include "provisioner/json_difference.h"
#include "provisioner/resources.h"

namespace provisioner {
namespace {

using base::Json;

/// The operator's choices as the plan shows them. Sources are compared by nobody: their digests are.
HostFacts facts_of(const Plan& plan) {
  HostFacts facts;
  facts.store = plan.host.store;
  for (const ImageFile& file : plan.intent.files) facts.sources[file.role] = "";
  for (const PlannedResource& planned : plan.resources) {
    const Json& body = planned.resource.body;
    if (planned.resource.kind == ResourceKind::service) {
      facts.user_id = static_cast<std::uint32_t>(body.at("userId").integer());
      facts.supervision = body.at("supervision").text();
    } else if (planned.resource.kind == ResourceKind::domain) {
      const bool kvm = body.at("xml").text().starts_with("<domain type='kvm'>");
      facts.accelerator = kvm ? Accelerator::kvm : Accelerator::tcg;
    }
  }
  return facts;
}

std::map<ResourceKey, Json> bodies_of(const std::vector<Resource>& resources) {
  std::map<ResourceKey, Json> bodies;
  for (const Resource& resource : resources) {
    Json body = resource.body;
    if (body.find("source") != nullptr) body["source"] = "";
    bodies[{resource.kind, resource.name}] = std::move(body);
  }
  return bodies;
}

std::string named(const ResourceKey& key) {
  return std::string("\n  ") + name_of(key.first) + " '" + key.second + "'";
}

}  // namespace

void refuse_resources_beside_intent(const Plan& plan) {
  std::vector<Resource> planned;
  for (const PlannedResource& each : plan.resources) planned.push_back(each.resource);
  std::map<ResourceKey, Json> got = bodies_of(planned);
  std::string wrong;
  for (const auto& [key, wanted] : bodies_of(resources_of(plan.intent, facts_of(plan)))) {
    const auto found = got.find(key);
    if (found == got.end()) {
      wrong += named(key) + ": is not in the plan";
      continue;
    }
    for (const std::string& difference : json_differences(found->second, wanted))
      wrong += named(key) + ": " + difference;
    got.erase(found);
  }
  for (const auto& [key, body] : got) wrong += named(key) + ": does not follow from the intent";
  if (wrong.empty()) return;
  throw base::Error(base::Kind::failure,
                    "the plan's resources are not those of the intent that its owners approved:" + wrong);
}

}  // namespace provisioner
