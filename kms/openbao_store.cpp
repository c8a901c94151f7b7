#include "kms/openbao_store.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/error.h"

namespace kms {
namespace {

class OpenBaoRecords final : public KeyRecords {
 public:
  OpenBaoRecords(std::shared_ptr<OpenBaoClient> client, std::string mount)
      : client_(std::move(client)), mount_(std::move(mount)) {}

  std::optional<StoredRecord> read(const KeyName& name) override {
    const std::string path = data_path(name);
    const OpenBaoClient::Answer answer = client_->request("GET", path, {}, OpenBaoEffect::none);
    // Also what was deleted is answered with 404, but with its metadata.
    if (answer.status == 404 && answer.body.find("data") == nullptr) return std::nullopt;
    if (answer.status >= 400 && answer.status != 404) client_->fail("GET", path, answer);
    const std::optional<OpenBaoSecret> secret = parse_openbao_secret(answer.body);
    if (!secret)
      throw base::Error(base::Kind::failure, "record of key " + name.text() + ": somebody deleted it in " +
                                                 client_->server() + "; its newest version can be undeleted there");
    return StoredRecord{parse_record(secret->record, "record of key " + name.text()), secret->version};
  }

  Written write(const KeyName& name, const KeyRecord& record, std::uint64_t expected) override {
    const base::Json body =
        base::Json::Object{{"options", base::Json::Object{{"cas", static_cast<std::int64_t>(expected)}}},
                           {"data", base::Json::Object{{"record", record_text(record)}}}};
    const std::string path = data_path(name);
    const OpenBaoClient::Answer answer = client_->request("POST", path, body, OpenBaoEffect::makes_one_more);
    if (answer.status == 400 && openbao_errors(answer.body).find("check-and-set") != std::string::npos)
      return Written::somebody_else_was_first;
    if (answer.status >= 400) client_->fail("POST", path, answer);
    return Written::yes;
  }

  std::vector<KeyName> names() override {
    std::vector<KeyName> names;
    add_names("", names);
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  [[nodiscard]] std::string data_path(const KeyName& name) const { return mount_ + "/data/" + name.text(); }

  void add_names(const std::string& folder, std::vector<KeyName>& names) {
    const std::string path = mount_ + "/metadata/" + folder + "?list=true";
    const OpenBaoClient::Answer answer = client_->request("GET", path, {}, OpenBaoEffect::none);
    if (answer.status == 404) return;
    if (answer.status >= 400) client_->fail("GET", path, answer);
    for (const std::string& name : parse_openbao_list(answer.body)) {
      if (!name.ends_with("/")) {
        names.push_back(KeyName::parse(folder + name));
      } else {
        // A folder's name is checked as that of a key in it: it becomes part of a path.
        add_names(KeyName::parse(folder + name.substr(0, name.size() - 1)).text() + "/", names);
      }
    }
  }

  std::shared_ptr<OpenBaoClient> client_;
  std::string mount_;
};

class OpenBaoMaterial final : public KeyMaterial {
 public:
  OpenBaoMaterial(std::shared_ptr<OpenBaoClient> client, std::string mount)
      : client_(std::move(client)), mount_(std::move(mount)) {}

  [[nodiscard]] std::string provider() const override { return client_->server(); }

  base::Buffer make(const MaterialId& id) override {
    std::string name = id.tenant.name + "." + id.key.text() + "." + std::to_string(id.version) + "." +
                       base::hex(base::random_bytes(8));
    std::replace(name.begin(), name.end(), '/', '.');
    client_->granted("POST", key_path(name), base::Json::Object{{"type", "aes256-gcm96"}},
                     OpenBaoEffect::makes_one_more);
    const base::Json made = client_->granted("POST", mount_ + "/datakey/wrapped/" + name,
                                             base::Json::Object{{"bits", 256}}, OpenBaoEffect::none);
    return base::buffer_of(base::bytes_of(name + " " + parse_openbao_ciphertext(made)));
  }

  base::Secret fetch(const MaterialId& id, base::Bytes handle) override {
    const Handle wrapped = parse(id, handle);
    return parse_openbao_plaintext(client_->granted("POST", mount_ + "/decrypt/" + wrapped.name,
                                                    base::Json::Object{{"ciphertext", wrapped.ciphertext}},
                                                    OpenBaoEffect::none));
  }

  /// The transit key is deleted softly: nothing is decrypted with it unless somebody with the right to restores it.
  void revoke(const MaterialId& id, base::Bytes handle) override {
    const std::string path = key_path(parse(id, handle).name);
    const std::optional<base::Json> found = transit_key(path);
    if (!found) return;
    const base::Json* const deleted = found->at("data").find("soft_deleted");
    // Vault has no soft deletion; there a key is revoked in its record alone.
    if (deleted == nullptr || deleted->boolean()) return;
    client_->granted("DELETE", path + "/soft-delete", {}, OpenBaoEffect::idempotent);
  }

  void erase(const MaterialId& id, base::Bytes handle) override {
    const std::string path = key_path(parse(id, handle).name);
    if (!transit_key(path)) return;
    client_->granted("POST", path + "/config", base::Json::Object{{"deletion_allowed", true}},
                     OpenBaoEffect::idempotent);
    client_->granted("DELETE", path, {}, OpenBaoEffect::idempotent);
  }

 private:
  struct Handle {
    std::string name, ciphertext;
  };
  /// The name in a handle becomes part of a path: only this key's own is taken.
  static Handle parse(const MaterialId& id, base::Bytes handle) {
    const std::string text = base::text_of(handle);
    const std::size_t blank = text.find(' ');
    std::string prefix = id.tenant.name + "." + id.key.text() + "." + std::to_string(id.version) + ".";
    std::replace(prefix.begin(), prefix.end(), '/', '.');
    if (blank == std::string::npos || !text.starts_with(prefix) ||
        !base::from_hex(std::string_view(text).substr(prefix.size(), blank - prefix.size())))
      throw base::Error(base::Kind::malformed,
                        "handle of key " + id.key.text() + ": wanted '" + prefix + "HEX' and a wrapped key");
    return {text.substr(0, blank), text.substr(blank + 1)};
  }
  /// nullopt when it is gone.
  std::optional<base::Json> transit_key(const std::string& path) {
    OpenBaoClient::Answer found = client_->request("GET", path, {}, OpenBaoEffect::none);
    if (found.status == 404) return std::nullopt;
    if (found.status >= 400) client_->fail("GET", path, found);
    return std::move(found.body);
  }
  [[nodiscard]] std::string key_path(const std::string& name) const { return mount_ + "/keys/" + name; }

  std::shared_ptr<OpenBaoClient> client_;
  std::string mount_;
};

}  // namespace

std::unique_ptr<KeyRecords> make_openbao_records(std::shared_ptr<OpenBaoClient> client, std::string mount) {
  return std::make_unique<OpenBaoRecords>(std::move(client), std::move(mount));
}

std::unique_ptr<KeyMaterial> make_openbao_material(std::shared_ptr<OpenBaoClient> client, std::string mount) {
  return std::make_unique<OpenBaoMaterial>(std::move(client), std::move(mount));
}

KeyStore open_openbao_store(base::TenantId tenant, std::shared_ptr<OpenBaoClient> client, const OpenBaoMounts& mounts) {
  return {std::move(tenant), make_openbao_records(client, mounts.kv),
          make_openbao_material(std::move(client), mounts.transit)};
}

}  // namespace kms
