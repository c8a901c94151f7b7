#include "kms/kmip_material.h"

namespace kms {
namespace {

class KmipMaterial final : public KeyMaterial {
 public:
  explicit KmipMaterial(KmipClient client) : client_(std::move(client)) {}

  [[nodiscard]] std::string provider() const override { return client_.server(); }
  base::Buffer make(const MaterialId& id) override {
    const std::string made =
        client_.create("bulkhead/" + id.tenant.name + "/" + id.key.text() + "/" + std::to_string(id.version));
    client_.activate(made);
    return base::buffer_of(base::bytes_of(made));
  }
  base::Secret fetch(const MaterialId& /*id*/, base::Bytes handle) override {
    return client_.get(base::text_of(handle));
  }
  void revoke(const MaterialId& /*id*/, base::Bytes handle) override {
    const std::string object = base::text_of(handle);
    if (client_.state(object) == KmipState::active) client_.revoke(object);
  }
  void erase(const MaterialId& id, base::Bytes handle) override {
    const std::string object = base::text_of(handle);
    revoke(id, handle);  // a server destroys nothing that is active
    const std::optional<KmipState> state = client_.state(object);
    const bool gone = !state || *state == KmipState::destroyed || *state == KmipState::destroyed_compromised;
    if (!gone) client_.destroy(object);
  }

 private:
  KmipClient client_;
};

}  // namespace

std::unique_ptr<KeyMaterial> make_kmip_material(KmipClient client) {
  return std::make_unique<KmipMaterial>(std::move(client));
}

}  // namespace kms
