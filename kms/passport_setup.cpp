#include "kms/passport_setup.h"

#include "kms/passport.h"

namespace kms {
namespace {

using base::Json;

constexpr const char* token_life = "60s";

Json policy_body(const std::string& mount, const base::GuestId& guest) {
  return Json::Object{
      {"policy", "path \"" + passport_folder(mount, guest) + "*\" { capabilities = [\"create\", \"read\"] }\n"}};
}

Json role_body(const PassportSetup& setup, const PassportHolder& holder) {
  const std::string policy = passport_policy_name(holder.guest);
  return Json::Object{{"display_name", policy},
                      {"certificate", setup.ca},
                      {"allowed_uri_sans", Json::Array{holder.uri}},
                      {"token_policies", Json::Array{policy}},
                      {"token_no_default_policy", true},
                      {"token_ttl", token_life},
                      {"token_max_ttl", token_life}};
}

/// For sh(1), and so for a here-document with a quoted end: JSON of one line.
std::string command(const std::string& name_space, const OpenBaoWrite& write) {
  const std::string where = name_space.empty() ? "" : "-namespace='" + name_space + "' ";
  std::string text;
  if (!write.unless.empty()) text = "bao read " + where + "'" + write.unless + "' >/dev/null 2>&1 || ";
  return text + "bao write " + where + "'" + write.path + "' - <<'END'\n" + write.body.compact() + "\nEND\n";
}

}  // namespace

std::string passport_policy_name(const base::GuestId& guest) {
  return "bulkhead-" + guest.tenant.name + "-" + passport_role(guest);
}

std::vector<OpenBaoWrite> passport_writes(const PassportSetup& setup) {
  const std::string login = passport_login(setup.mount);
  const std::string engine = (setup.mount.empty() ? "" : setup.mount + "/") + "kv";
  std::vector<OpenBaoWrite> writes{
      {"sys/mounts/" + engine, Json::Object{{"type", "kv"}, {"options", Json::Object{{"version", "2"}}}},
       "sys/mounts/" + engine + "/tune"},
      {"sys/auth/" + login, Json::Object{{"type", "cert"}}, "sys/auth/" + login + "/tune"}};
  for (const PassportHolder& holder : setup.holders) {
    writes.push_back(
        {"sys/policies/acl/" + passport_policy_name(holder.guest), policy_body(setup.mount, holder.guest), ""});
    writes.push_back({"auth/" + login + "/certs/" + passport_role(holder.guest), role_body(setup, holder), ""});
  }
  return writes;
}

std::string passport_script(const PassportSetup& setup) {
  std::string text = "#!/bin/sh\n# For tenant " + setup.tenant.name +
                     ": with BAO_ADDR, BAO_CACERT and BAO_TOKEN of somebody who may administer " +
                     (setup.name_space.empty() ? "the root namespace" : "the namespace " + setup.name_space) +
                     ".\nset -eu\n";
  for (const OpenBaoWrite& write : passport_writes(setup)) text += command(setup.name_space, write);
  return text;
}

base::Json passport_document(const PassportSetup& setup) {
  Json::Array writes;
  for (OpenBaoWrite& write : passport_writes(setup))
    writes.emplace_back(Json::Object{{"path", std::move(write.path)},
                                     {"body", std::move(write.body)},
                                     {"unless", write.unless.empty() ? Json() : Json(write.unless)}});
  return Json::Object{{"schema", "bulkhead.kms-policy/v1"},
                      {"tenant", setup.tenant.name},
                      {"namespace", setup.name_space},
                      {"writes", std::move(writes)}};
}

}  // namespace kms
