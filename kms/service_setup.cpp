#include "kms/service_setup.h"

namespace kms {
namespace {

using base::Json;

/// As whom a service logs in at MOUNT/cert.
constexpr const char* role = "service";
constexpr const char* token_life = "1h";
constexpr const char* token_period = "24h";

std::string line(const std::string& path, const char* capabilities) {
  return "path \"" + path + "\" { capabilities = [" + capabilities + "] }\n";
}

/// Records are never deleted, and no key of transit ever leaves it.
std::string policy_text(const std::string& below) {
  return line(below + "kv/data/*", R"("create", "read", "update")") + line(below + "kv/metadata/*", R"("list")") +
         line(below + "transit/keys/*", R"("create", "read", "update", "delete")") +
         line(below + "transit/datakey/wrapped/*", R"("update")") + line(below + "transit/decrypt/*", R"("update")");
}

Json role_body(const ServiceSetup& setup, const std::string& policy) {
  return Json::Object{{"display_name", policy},
                      {"certificate", setup.certificate},
                      {"token_policies", Json::Array{policy}},
                      {"token_ttl", token_life}};
}

std::string token_command(const ServiceSetup& setup, const std::string& policy) {
  const std::string where = setup.name_space.empty() ? "" : "-namespace='" + setup.name_space + "' ";
  return "bao token create " + where + "-orphan -period=" + token_period + " -policy='" + policy +
         "' -field=token > token";
}

}  // namespace

std::string service_policy_name(const base::TenantId& tenant) {
  return "bulkhead-" + tenant.name + "-service";
}

OpenBaoSetup openbao_setup(const ServiceSetup& setup) {
  const std::string below = setup.mount.empty() ? "" : setup.mount + "/", policy = service_policy_name(setup.tenant);
  OpenBaoSetup all{setup.tenant,
                   setup.name_space,
                   {openbao_kv_engine(below + "kv"), openbao_transit_engine(below + "transit"),
                    openbao_policy(policy, policy_text(below))}};
  if (setup.certificate.empty()) {
    all.remarks = {"The token for the connection's login, in a file of mode 0600 (umask 077):",
                   token_command(setup, policy)};
    return all;
  }
  all.writes.push_back(openbao_certificate_login(below + "cert"));
  all.writes.push_back({"auth/" + below + "cert/certs/" + role, role_body(setup, policy), ""});
  all.remarks = {"The connection's login: {\"method\": \"certificate\", \"mount\": \"" + below +
                 "cert\", \"role\": \"" + role + "\"}"};
  return all;
}

}  // namespace kms
