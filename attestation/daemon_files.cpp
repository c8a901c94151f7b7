#include "attestation/daemon_files.h"

#include "attestation/wire/json_members.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "kms/embedded_store.h"
#include "kms/kms_module.h"
#include "kms/passport_records.h"
#include "kms/sealed_secret.h"

namespace attestation {
namespace {

base::Secret secret_text(const std::string& text) {
  return base::Secret(base::buffer_of(base::bytes_of(text)));
}

void wipe_texts(base::Json& json) {
  for (auto& [key, value] : json.object()) {
    if (value.is_object()) wipe_texts(value);
    if (!value.is_string()) continue;
    auto& text = const_cast<std::string&>(value.text());
    base::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  }
}

base::Secret storage_key_in(const base::Json& bundle, std::string_view member) {
  base::Secret key(wire::base64_member(bundle, member, "service bundle", 32));
  if (key.size() != 32)
    throw base::Error(base::Kind::malformed, "service bundle: " + std::string(member) + ": wanted 32 bytes");
  return key;
}

base::Secret derived(const base::Secret& storage_key, std::string_view purpose) {
  return base::Secret(base::hmac_sha256(storage_key.view(), base::bytes_of(purpose)));
}

BundledConnection bundled_connection(const base::Json& json, std::string_view tenant) {
  constexpr const char* name = "service bundle: kms";
  base::expect_members(json, {"connection", "files"}, name);
  BundledConnection bundled{kms::parse_connection(json.at("connection").compact(), name), {}};
  if (bundled.connection.tenant.name != tenant)
    throw base::Error(base::Kind::malformed, std::string(name) + ": tenant: got '" + bundled.connection.tenant.name +
                                                 "', wanted '" + std::string(tenant) + "'");
  for (const auto& [file, content] : json.at("files").object()) bundled.files[file] = secret_text(content.text());
  return bundled;
}

/// What the connection names is in the bundle and nowhere else.
kms::ConnectionFiles files_in(const std::map<std::string, base::Secret>& files) {
  const auto content = [&files](const std::string& name) -> const base::Secret& {
    const auto found = files.find(name);
    if (found != files.end()) return found->second;
    throw base::Error(base::Kind::failure, "service bundle: kms: has no file '" + name + "'");
  };
  return {[content](const std::string& name) { return base::text_of(content(name).view()); },
          [content](const std::string& name) { return content(name).clone(); }};
}

/// Keys do not move from one store to another by themselves: a guest would be given a new one for its old disk.
void expect_no_embedded_keys(const ServiceBundle& bundle, const std::string& tenant, const std::string& state) {
  if (!base::read_file_if_any(state + "/keys.sqlite")) return;
  const std::size_t keys = open_key_store(bundle, tenant, state).keys.names().size();
  if (keys == 0) return;
  throw base::Error(base::Kind::failure, state + ": the embedded store has " + std::to_string(keys) +
                                             " keys, which the KMS does not have: guests would lose their disks");
}

}  // namespace

std::string BundledConnection::certificate() const {
  const std::string name = std::visit(
      [](const auto& at) -> std::string {
        if constexpr (requires { at.tls; }) return at.tls.certificate;
        return {};
      },
      connection.provider);
  return name.empty() ? "" : files_in(files).text(name);
}

ServiceBundle ServiceBundle::parse(const base::Secret& text, std::string_view tenant) {
  kms::expect_not_sealed(text, "service bundle", "bulkhead keys unseal opens it on its machine");
  const std::string_view view(reinterpret_cast<const char*>(text.view().data()), text.size());
  base::Json json =
      wire::parse_message(view,
                          {"schema", "tenant", "url", "tlsKey", "tlsCertificate", "tokenKey", "tokenCertificate",
                           "storageKey", "previousStorageKey", "guestCaKey", "guestCaCertificate", "kms"},
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
                       storage_key_in(json, "storageKey"),
                       member_if_any("url"),
                       member_if_any("tokenCertificate"),
                       std::nullopt,
                       std::nullopt};
  if (json.find("guestCaKey") != nullptr) {
    bundle.guest_ca = {base::PrivateKey::from_pem(member("guestCaKey"), "service bundle: guestCaKey"),
                       member("guestCaCertificate")};
  }
  if (const base::Json* const kms = json.find("kms")) bundle.kms = bundled_connection(*kms, tenant);
  if (json.find("previousStorageKey") != nullptr)
    bundle.previous_storage_key = storage_key_in(json, "previousStorageKey");
  wipe_texts(json);
  return bundle;
}

base::Secret ServiceBundle::key_for(std::string_view purpose) const {
  return derived(storage_key, purpose);
}

kms::KeyEncryptionKeys ServiceBundle::keys_for(std::string_view purpose) const {
  kms::KeyEncryptionKeys keys(key_for(purpose));
  if (previous_storage_key) keys.previous = derived(*previous_storage_key, purpose);
  return keys;
}

kms::FileStore open_key_store(const ServiceBundle& bundle, const std::string& tenant, const std::string& state) {
  return kms::open_embedded_store({{tenant}, state + "/keys.sqlite", 0}, bundle.keys_for("bulkhead key store v1"));
}

std::string key_file_of(const ServiceConfig& config) {
  if (!config.kms) return "keys.sqlite";
  const bool at_provider = config.kms->provider == "openbao" && config.kms->model == kms::Model::background_check;
  return at_provider ? "" : "kms-records.sqlite";
}

namespace {

kms::OpenedKeys open_passport_keys(const ServiceBundle& bundle, const ServiceConfig& config, const std::string& tenant,
                                   const std::string& state) {
  if (bundle.kms)
    throw base::Error(base::Kind::failure,
                      "service bundle: has a connection to a KMS, and the guests ask it "
                      "themselves: make one without, with bulkhead keys service");
  if (!bundle.guest_ca)
    throw base::Error(base::Kind::failure,
                      "service bundle: has no CA for guests' certificates, which they show the KMS: "
                      "make one with bulkhead keys service, under a CA with room for it");
  expect_no_embedded_keys(bundle, tenant, state);
  kms::FileStore store = kms::open_passport_records({{tenant}, state + "/" + key_file_of(config), 0},
                                                    bundle.keys_for("bulkhead kms records v1"), config.kms->text());
  return {std::move(store.keys), &store.records, nullptr, store.key_changed};
}

}  // namespace

kms::OpenedKeys open_keys(const ServiceBundle& bundle, const ServiceConfig& config, const std::string& tenant,
                          const std::string& state) {
  if (!config.kms && !bundle.kms) {
    kms::FileStore store = open_key_store(bundle, tenant, state);
    return {std::move(store.keys), &store.records, nullptr, store.key_changed};
  }
  if (config.kms && config.kms->model == kms::Model::passport) return open_passport_keys(bundle, config, tenant, state);
  if (!bundle.kms)
    throw base::Error(base::Kind::failure, "service bundle: has no connection to the KMS that was approved, " +
                                               config.kms->text() + ": make it with bulkhead keys connect");
  if (!config.kms)
    throw base::Error(base::Kind::failure,
                      "service bundle: has a connection to a KMS, and the embedded store was approved");
  expect_no_embedded_keys(bundle, tenant, state);
  return kms::load_kms_module()->open_for_service(
      bundle.kms->connection, files_in(bundle.kms->files), *config.kms,
      {state + "/" + key_file_of(config), bundle.keys_for("bulkhead kms records v1")});
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
  const base::Json json = wire::parse_message(text, {"approvalKeys", "ca", "kms"}, "config.json");
  ServiceConfig config{{}, wire::text_member(json, "ca", "config.json"), std::nullopt};
  if (const base::Json* const place = json.find("kms")) config.kms = kms::parse_place(*place, "config.json: kms");
  for (const base::Json& key : json.at("approvalKeys").array()) {
    config.approval_keys.push_back(base::PublicKey::from_pem(key.text(), "config.json: approvalKeys"));
  }
  if (config.approval_keys.empty()) throw base::Error(base::Kind::malformed, "config.json: approvalKeys: empty");
  return config;
}

}  // namespace attestation
