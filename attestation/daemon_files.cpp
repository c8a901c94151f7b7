#include "attestation/daemon_files.h"

#include "attestation/wire/json_members.h"
#include "base/error.h"
#include "kms/embedded_store.h"

namespace attestation {
namespace {

base::Secret secret_text(const std::string& text) {
  return base::Secret(base::buffer_of(base::bytes_of(text)));
}

void wipe_texts(base::Json& json) {
  for (auto& [key, value] : json.object()) {
    if (!value.is_string()) continue;
    auto& text = const_cast<std::string&>(value.text());
    base::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  }
}

}  // namespace

ServiceBundle ServiceBundle::parse(const base::Secret& text, std::string_view tenant) {
  const std::string_view view(reinterpret_cast<const char*>(text.view().data()), text.size());
  base::Json json = wire::parse_message(view,
                                        {"schema", "tenant", "url", "tlsKey", "tlsCertificate", "tokenKey",
                                         "tokenCertificate", "storageKey", "guestCaKey", "guestCaCertificate"},
                                        "service bundle");
  const auto member = [&](std::string_view key) -> const std::string& {
    return wire::text_member(json, key, "service bundle");
  };
  const auto member_if_any = [&](std::string_view key) {
    return json.find(key) == nullptr ? std::string() : member(key);
  };
  if (member("schema") != "bulkhead.service-bundle/v1" || member("tenant") != tenant) {
    throw base::Error(base::Kind::malformed, "service bundle: wanted bulkhead.service-bundle/v1 of tenant '" +
                                                 std::string(tenant) + "', got '" + member("tenant") + "'");
  }
  ServiceBundle bundle{secret_text(member("tlsKey")),
                       member("tlsCertificate"),
                       base::PrivateKey::from_pem(member("tokenKey"), "service bundle: tokenKey"),
                       base::Secret(wire::base64_member(json, "storageKey", "service bundle", 32)),
                       member_if_any("url"),
                       member_if_any("tokenCertificate"),
                       std::nullopt};
  if (json.find("guestCaKey") != nullptr) {
    bundle.guest_ca = {base::PrivateKey::from_pem(member("guestCaKey"), "service bundle: guestCaKey"),
                       member("guestCaCertificate")};
  }
  wipe_texts(json);
  if (bundle.storage_key.size() != 32) {
    throw base::Error(base::Kind::malformed, "service bundle: storageKey: wanted 32 bytes");
  }
  return bundle;
}

base::Secret ServiceBundle::key_for(std::string_view purpose) const {
  return base::Secret(base::hmac_sha256(storage_key.view(), base::bytes_of(purpose)));
}

kms::FileStore open_key_store(const ServiceBundle& bundle, const std::string& tenant, const std::string& state) {
  return kms::open_embedded_store({{tenant}, state + "/keys.sqlite", 0}, bundle.key_for("bulkhead key store v1"));
}

TokenKeyDocument TokenKeyDocument::parse(const base::Secret& text, std::string_view tenant) {
  const std::string_view view(reinterpret_cast<const char*>(text.view().data()), text.size());
  base::Json json = wire::parse_message(view, {"schema", "tenant", "tokenKey", "tokenCertificate"}, "token key");
  const auto member = [&](std::string_view name) -> const std::string& {
    return wire::text_member(json, name, "token key");
  };
  if (member("schema") != "bulkhead.token-key/v1" || member("tenant") != tenant) {
    throw base::Error(base::Kind::malformed, "token key: wanted bulkhead.token-key/v1 of tenant '" +
                                                 std::string(tenant) + "', got '" + member("tenant") + "'");
  }
  TokenKeyDocument document{base::PrivateKey::from_pem(member("tokenKey"), "token key: tokenKey"),
                            member("tokenCertificate")};
  static_cast<void>(document.key.public_key().p256_point());  // no other kind signs tokens
  wipe_texts(json);
  return document;
}

ServiceConfig ServiceConfig::parse(std::string_view text) {
  const base::Json json = wire::parse_message(text, {"approvalKeys", "ca"}, "config.json");
  ServiceConfig config{{}, wire::text_member(json, "ca", "config.json")};
  for (const base::Json& key : json.at("approvalKeys").array()) {
    config.approval_keys.push_back(base::PublicKey::from_pem(key.text(), "config.json: approvalKeys"));
  }
  if (config.approval_keys.empty()) throw base::Error(base::Kind::malformed, "config.json: approvalKeys: empty");
  return config;
}

}  // namespace attestation
