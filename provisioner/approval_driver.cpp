#include "provisioner/approval_driver.h"

#include "base/error.h"

namespace provisioner {
namespace {

class ApprovalDriver final : public ResourceDriver {
 public:
  ApprovalDriver(std::string approval, OpenServiceAdmin service)
      : approval_(std::move(approval)), service_(std::move(service)) {}

  [[nodiscard]] ResourceKind kind() const noexcept override { return ResourceKind::approval; }

  std::vector<Observed> observe(const base::TenantId& tenant) override {
    const std::unique_ptr<ServiceAdmin> service = service_(tenant);
    if (!service) return {};
    const base::Json state = service->state();
    const base::Json* const intent = state.find("intentDigest");
    if (intent == nullptr || !intent->is_string()) return {};
    return {{kind(), tenant.name, body_of(tenant, intent->text()).digest(), {}}};
  }

  bool foreign_namesake(const base::TenantId&, const std::string&) override { return false; }

  /// A loaded approval is not taken back by itself: the service that holds it is removed or given the next one.
  Undo make(const base::TenantId& tenant, const Resource& wanted) override {
    if (approval_.empty()) throw base::Error(base::Kind::failure, "no approval was given for tenant " + tenant.name);
    const std::unique_ptr<ServiceAdmin> service = service_(tenant);
    if (!service)
      throw base::Error(base::Kind::host,
                        "tenant " + tenant.name + "'s service does not answer; its approval is not loaded");
    service->put_approval(approval_);
    const base::Json state = service->state();
    const base::Json* const loaded = state.find("intentDigest");
    if (loaded == nullptr || *loaded != wanted.body.at("intentDigest"))
      throw base::Error(base::Kind::failure,
                        "the approval given to tenant " + tenant.name + "'s service is for another intent");
    return [] {};
  }

  Undo replace(const base::TenantId& tenant, const Observed&, const Resource& wanted) override {
    return make(tenant, wanted);
  }

  void remove(const base::TenantId&, const std::string&) override {}

 private:
  static Resource body_of(const base::TenantId& tenant, const std::string& intent) {
    base::Json body;
    body["intentDigest"] = intent;
    return {ResourceKind::approval, tenant.name, body};
  }

  std::string approval_;
  OpenServiceAdmin service_;
};

}  // namespace

std::unique_ptr<ResourceDriver> make_approval_driver(std::string approval, OpenServiceAdmin service) {
  return std::make_unique<ApprovalDriver>(std::move(approval), std::move(service));
}

}  // namespace provisioner
