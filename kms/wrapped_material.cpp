#include "kms/wrapped_material.h"

#include "base/crypto.h"
#include "base/json.h"

namespace kms {
namespace {

std::string context_of(const MaterialId& id) {
  return base::Json(base::Json::Array{"bulkhead.kms-material/v1", id.tenant.name, id.key.text(),
                                      static_cast<std::int64_t>(id.version)})
      .compact();
}

class WrappedMaterial final : public KeyMaterial {
 public:
  WrappedMaterial(std::string provider, std::shared_ptr<KeyWrapper> wrapper)
      : provider_(std::move(provider)), wrapper_(std::move(wrapper)) {}

  [[nodiscard]] std::string provider() const override { return provider_; }
  base::Buffer make(const MaterialId& id) override {
    const base::Secret key = base::random_secret(key_size);
    return wrapper_->wrap(key.view(), context_of(id));
  }
  base::Secret fetch(const MaterialId& id, base::Bytes handle) override {
    return wrapper_->unwrap(handle, context_of(id));
  }
  void revoke(const MaterialId& /*id*/, base::Bytes /*handle*/) override {}
  void erase(const MaterialId& /*id*/, base::Bytes /*handle*/) override {}

 private:
  std::string provider_;
  std::shared_ptr<KeyWrapper> wrapper_;
};

}  // namespace

std::unique_ptr<KeyMaterial> make_wrapped_material(std::string provider, std::shared_ptr<KeyWrapper> wrapper) {
  return std::make_unique<WrappedMaterial>(std::move(provider), std::move(wrapper));
}

base::Buffer rewrapped(KeyWrapper& from, KeyWrapper& to, const MaterialId& id, base::Bytes handle) {
  return to.wrap(from.unwrap(handle, context_of(id)).view(), context_of(id));
}

}  // namespace kms
