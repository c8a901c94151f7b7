#include "kms/openbao_setup.h"

namespace kms {
namespace {

using base::Json;

/// For sh(1), and so for a here-document with a quoted end: JSON of one line.
std::string command(const std::string& name_space, const OpenBaoWrite& write) {
  const std::string where = name_space.empty() ? "" : "-namespace='" + name_space + "' ";
  std::string text;
  if (!write.unless.empty()) text = "bao read " + where + "'" + write.unless + "' >/dev/null 2>&1 || ";
  return text + "bao write " + where + "'" + write.path + "' - <<'END'\n" + write.body.compact() + "\nEND\n";
}

OpenBaoWrite engine(const std::string& path, Json body) {
  return {"sys/mounts/" + path, std::move(body), "sys/mounts/" + path + "/tune"};
}

}  // namespace

OpenBaoWrite openbao_kv_engine(const std::string& path) {
  return engine(path, Json::Object{{"type", "kv"}, {"options", Json::Object{{"version", "2"}}}});
}

OpenBaoWrite openbao_transit_engine(const std::string& path) {
  return engine(path, Json::Object{{"type", "transit"}});
}

OpenBaoWrite openbao_certificate_login(const std::string& path) {
  return {"sys/auth/" + path, Json::Object{{"type", "cert"}}, "sys/auth/" + path + "/tune"};
}

OpenBaoWrite openbao_policy(const std::string& name, const std::string& text) {
  return {"sys/policies/acl/" + name, Json::Object{{"policy", text}}, ""};
}

std::string openbao_script(const OpenBaoSetup& setup) {
  std::string text = "#!/bin/sh\n# For tenant " + setup.tenant.name +
                     ": with BAO_ADDR, BAO_CACERT and BAO_TOKEN of somebody who may administer " +
                     (setup.name_space.empty() ? "the root namespace" : "the namespace " + setup.name_space) +
                     ".\nset -eu\n";
  for (const OpenBaoWrite& write : setup.writes) text += command(setup.name_space, write);
  for (const std::string& remark : setup.remarks) text += "# " + remark + "\n";
  return text;
}

Json openbao_setup_document(const OpenBaoSetup& setup) {
  Json::Array writes;
  for (const OpenBaoWrite& write : setup.writes)
    writes.emplace_back(Json::Object{
        {"path", write.path}, {"body", write.body}, {"unless", write.unless.empty() ? Json() : Json(write.unless)}});
  return Json::Object{{"schema", "bulkhead.kms-policy/v1"},
                      {"tenant", setup.tenant.name},
                      {"namespace", setup.name_space},
                      {"writes", std::move(writes)}};
}

}  // namespace kms
