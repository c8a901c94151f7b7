#include <algorithm>
#include <set>

#include "base/crypto.h"
#include "base/error.h"
#include "provisioner/approval.h"
#include "provisioner/json_fields.h"
#include "provisioner/plan.h"

namespace provisioner {
namespace {

using base::Json;

constexpr std::string_view plan_schema = "bulkhead.plan/v1";
constexpr std::string_view index_schema = "bulkhead.site-index/v1";

Json texts_json(const std::vector<std::string>& texts) {
  Json::Array list;
  for (const std::string& text : texts) list.emplace_back(text);
  return list;
}

Json resource_json(const PlannedResource& planned) {
  return Json::Object{{"kind", name_of(planned.resource.kind)},
                      {"name", planned.resource.name},
                      {"digest", planned.resource.digest().hex()},
                      {"body", planned.resource.body},
                      {"before", planned.before ? Json(planned.before->hex()) : Json()},
                      {"action", name_of(planned.action)},
                      {"drift", planned.drift}};
}

/// By name, whom the tenant's service will give each key to.
Json keys_json(const Intent& intent) {
  Json::Object keys;
  for (const auto& [name, policy] : keys_of(intent)) keys[name.text()] = kms::to_json(policy);
  return keys;
}

ResourceKind kind_at(const JsonFields& fields) {
  const auto kind = resource_kind(fields.text("kind"));
  if (!kind) fields.fail("kind", "got '" + fields.text("kind") + "', wanted a kind of resource");
  return *kind;
}

/// What the action must be, given what was there before: the document says it twice and must not contradict itself.
Action action_of(const PlannedResource& planned, const base::Sha256& digest) {
  if (!planned.before) return Action::create;
  return *planned.before == digest && planned.drift.empty() ? Action::keep : Action::replace;
}

PlannedResource planned_resource(const Json& json, const std::string& where) {
  const JsonFields fields(json, where, {"kind", "name", "digest", "body", "before", "action", "drift"});
  PlannedResource planned;
  planned.resource = {kind_at(fields), fields.text("name"), fields.at("body")};
  if (planned.resource.name.empty()) fields.fail("name", "is empty");
  if (!planned.resource.body.is_object()) fields.fail("body", "wanted an object");
  const base::Sha256 digest = planned.resource.digest();
  if (fields.digest("digest") != digest) fields.fail("digest", "the body's digest is " + digest.hex());
  planned.before = fields.digest_or_null("before");
  planned.drift = fields.text("drift");
  planned.action = action_of(planned, digest);
  fields.expect("action", name_of(planned.action));
  return planned;
}

Removal removal(const Json& json, const std::string& where) {
  const JsonFields fields(json, where, {"kind", "name", "before"});
  return {kind_at(fields), fields.text("name"), fields.digest("before")};
}

void read_resources(const JsonFields& fields, Plan& plan) {
  std::set<ResourceKey> seen;
  ResourceKind last = ResourceKind::host_filter;
  const auto once = [&](ResourceKind kind, const std::string& name, const std::string& where) {
    if (seen.insert({kind, name}).second) return;
    throw base::Error(base::Kind::malformed,
                      where + ": " + provisioner::name_of(kind) + " '" + name + "' is listed twice");
  };
  fields.each("resources", [&](const Json& item, const std::string& where) {
    plan.resources.push_back(planned_resource(item, where));
    const Resource& resource = plan.resources.back().resource;
    once(resource.kind, resource.name, where);
    if (resource.kind < last) throw base::Error(base::Kind::malformed, where + ": is out of the order of making");
    last = resource.kind;
  });
  fields.each("removals", [&](const Json& item, const std::string& where) {
    plan.removals.push_back(removal(item, where));
    once(plan.removals.back().kind, plan.removals.back().name, where);
  });
}

}  // namespace

std::string plan_text(const Plan& plan) {
  Json::Array resources, removals;
  for (const PlannedResource& planned : plan.resources) resources.push_back(resource_json(planned));
  for (const Removal& gone : plan.removals) {
    removals.push_back(Json::Object{{"kind", name_of(gone.kind)}, {"name", gone.name}, {"before", gone.before.hex()}});
  }
  const Json json =
      Json::Object{{"schema", plan_schema},
                   {"tenant", plan.intent.tenant.name},
                   {"tee", base::name_of(plan.intent.tee)},
                   {"resolved", plan.intent.resolved()},
                   {"intent", intent_json(plan.intent)},
                   {"intentDigest", intent_digest(plan.intent).hex()},
                   {"keys", keys_json(plan.intent)},
                   {"host", Json::Object{{"name", plan.host.name}, {"uri", plan.host.uri}, {"store", plan.host.store}}},
                   {"resources", resources},
                   {"removals", removals},
                   {"ownerActions", texts_json(plan.owner_actions)},
                   {"operatorActions", texts_json(plan.operator_actions)}};
  return json.pretty();
}

Plan parse_plan(std::string_view text, std::string_view name) {
  const Json json = Json::parse(text, name);
  const JsonFields fields(json, std::string(name),
                          {"schema", "tenant", "tee", "resolved", "intent", "intentDigest", "keys", "host", "resources",
                           "removals", "ownerActions", "operatorActions"});
  fields.expect("schema", plan_schema);
  Plan plan;
  plan.intent = parse_intent(fields.at("intent"), name);
  fields.expect("tenant", plan.intent.tenant.name);
  fields.expect("tee", base::name_of(plan.intent.tee));
  const base::Sha256 digest = intent_digest(plan.intent);
  if (fields.digest("intentDigest") != digest) fields.fail("intentDigest", "the intent's digest is " + digest.hex());
  if (fields.at("resolved") != Json(plan.intent.resolved())) {
    fields.fail("resolved", plan.intent.resolved() ? "the intent is resolved" : "the intent is not resolved");
  }
  if (fields.at("keys") != keys_json(plan.intent)) fields.fail("keys", "they are not those of the intent");
  const JsonFields host(fields.at("host"), fields.place("host"), {"name", "uri", "store"});
  plan.host = {host.text("name"), host.text("uri"), host.text("store")};
  read_resources(fields, plan);
  plan.owner_actions = fields.texts("ownerActions");
  plan.operator_actions = fields.texts("operatorActions");
  return plan;
}

std::string site_index_text(std::vector<IndexedPlan> plans) {
  std::sort(plans.begin(), plans.end(), [](const auto& a, const auto& b) { return a.tenant < b.tenant; });
  Json::Array list;
  for (const IndexedPlan& plan : plans) {
    list.push_back(Json::Object{{"tenant", plan.tenant}, {"file", plan.file}, {"sha256", plan.sha256.hex()}});
  }
  return Json(Json::Object{{"schema", index_schema}, {"plans", list}}).pretty();
}

}  // namespace provisioner
