#include "kms/connection.h"

#include "base/error.h"
#include "kms/sealing_tpm.h"

namespace kms {
namespace {

using base::Json;

[[noreturn]] void malformed(std::string_view name, const std::string& what) {
  throw base::Error(base::Kind::malformed, std::string(name) + ": " + what);
}

std::string text_or(const Json& json, std::string_view key, std::string_view otherwise) {
  const Json* const found = json.find(key);
  return found != nullptr ? found->text() : std::string(otherwise);
}

/// A text that becomes a part of a URL's path or of a header.
std::string path_part(const Json& json, std::string_view key, std::string_view otherwise, std::string_view name) {
  std::string text = text_or(json, key, otherwise);
  const bool plain =
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/.") == std::string::npos;
  if (!plain || text.starts_with("/") || text.ends_with("/") || text.find("..") != std::string::npos ||
      text.find("//") != std::string::npos)
    malformed(name, std::string(key) + ": got '" + text + "', wanted [A-Za-z0-9-_.] with / between parts");
  return text;
}

TlsFiles parse_tls(const Json& json, std::string_view name) {
  TlsFiles tls{base::parse_https_url(json.at("url").text(), std::string(name) + ": url"), json.at("ca").text(),
               text_or(json, "certificate", ""), text_or(json, "privateKey", "")};
  if (tls.certificate.empty() != tls.private_key.empty())
    malformed(name, "certificate and privateKey: wanted both or none");
  return tls;
}

std::string parse_tpm(const Json& json, std::string_view name) {
  return tpm_address(text_or(json, "tpm", default_tpm), std::string(name) + ": tpm");
}

EmbeddedConnection parse_embedded(const Json& json, std::string_view name) {
  base::expect_members(json, {"store", "keyFile", "tpm"}, name);
  return {json.at("store").text(), json.at("keyFile").text(), parse_tpm(json, name)};
}

TokenConnection parse_token(const Json& json, std::string_view name) {
  base::expect_members(json, {"store", "uri"}, name);
  return {json.at("store").text(), json.at("uri").text()};
}

KmipConnection parse_kmip(const Json& json, std::string_view name) {
  base::expect_members(json, {"url", "ca", "certificate", "privateKey", "version", "store", "keyFile", "tpm"}, name);
  KmipConnection kmip{
      parse_tls(json, name), {1, 4}, json.at("store").text(), json.at("keyFile").text(), parse_tpm(json, name)};
  if (kmip.tls.certificate.empty()) malformed(name, "certificate: a KMIP server knows its clients by it");
  const std::string version = text_or(json, "version", "1.4");
  if (version != "1.4" && version != "2.0") malformed(name, "version: got '" + version + "', wanted 1.4 or 2.0");
  if (version == "2.0") kmip.version = {2, 0};
  return kmip;
}

void parse_login(const Json& json, std::string_view name, OpenBaoConnection& to) {
  const std::string& method = json.at("method").text();
  const bool role = method == "jwt" || method == "certificate";
  if (method == "token") {
    to.method = OpenBaoMethod::token;
  } else if (method == "wrappedToken") {
    to.method = OpenBaoMethod::wrapped_token;
  } else if (method == "jwt") {
    to.method = OpenBaoMethod::jwt;
  } else if (method != "certificate") {
    malformed(name, "method: got '" + method + "', wanted token, wrappedToken, jwt or certificate");
  }
  if (role) {
    to.login_mount = path_part(json, "mount", method == "jwt" ? "jwt" : "cert", name);
    to.role = json.at("role").text();
  }
  if (method == "certificate") {
    base::expect_members(json, {"method", "mount", "role"}, name);
    if (to.tls.certificate.empty()) malformed(name, "method certificate: the connection has no certificate");
    return;
  }
  to.file = json.at("file").text();
  if (role) {
    base::expect_members(json, {"method", "mount", "role", "file"}, name);
  } else {
    base::expect_members(json, {"method", "file"}, name);
  }
}

OpenBaoConnection parse_openbao(const Json& json, std::string_view name) {
  base::expect_members(json, {"url", "ca", "certificate", "privateKey", "namespace", "kv", "transit", "login"}, name);
  OpenBaoConnection openbao;
  openbao.tls = parse_tls(json, name);
  openbao.name_space = path_part(json, "namespace", "", name);
  openbao.mounts = {path_part(json, "kv", "kv", name), path_part(json, "transit", "transit", name)};
  parse_login(json.at("login"), std::string(name) + ": login", openbao);
  return openbao;
}

}  // namespace

Connection parse_connection(std::string_view text, std::string_view name) {
  constexpr const char* schema = "bulkhead.kms-connection/v1";
  const Json json = Json::parse(text, name);
  base::expect_members(json, {"schema", "tenant", "embedded", "pkcs11", "kmip", "openbao"}, name);
  if (json.at("schema").text() != schema)
    malformed(name, "schema: got '" + json.at("schema").text() + "', wanted " + schema);
  if (json.object().size() != 3) malformed(name, "wanted exactly one of embedded, pkcs11, kmip and openbao");
  Connection connection{{json.at("tenant").text()}, {}};
  const auto within = [&](const char* provider) { return std::string(name) + ": " + provider; };
  if (const Json* const embedded = json.find("embedded")) {
    connection.provider = parse_embedded(*embedded, within("embedded"));
  } else if (const Json* const token = json.find("pkcs11")) {
    connection.provider = parse_token(*token, within("pkcs11"));
  } else if (const Json* const kmip = json.find("kmip")) {
    connection.provider = parse_kmip(*kmip, within("kmip"));
  } else {
    connection.provider = parse_openbao(json.at("openbao"), within("openbao"));
  }
  return connection;
}

}  // namespace kms
