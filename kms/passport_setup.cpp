#include "kms/passport_setup.h"

#include "kms/passport.h"

namespace kms {
namespace {

using base::Json;

constexpr const char* token_life = "60s";

std::string policy_text(const std::string& mount, const base::GuestId& guest) {
  return "path \"" + passport_folder(mount, guest) + "*\" { capabilities = [\"create\", \"read\"] }\n";
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

}  // namespace

std::string passport_policy_name(const base::GuestId& guest) {
  return "bulkhead-" + guest.tenant.name + "-" + passport_role(guest);
}

OpenBaoSetup openbao_setup(const PassportSetup& setup) {
  const std::string login = passport_login(setup.mount);
  OpenBaoSetup all{setup.tenant,
                   setup.name_space,
                   {openbao_kv_engine(passport_engine(setup.mount)), openbao_certificate_login(login)}};
  for (const PassportHolder& holder : setup.holders) {
    all.writes.push_back(openbao_policy(passport_policy_name(holder.guest), policy_text(setup.mount, holder.guest)));
    all.writes.push_back({"auth/" + login + "/certs/" + passport_role(holder.guest), role_body(setup, holder), ""});
  }
  return all;
}

}  // namespace kms
