#include "provisioner/service_connection.h"

#include <algorithm>

#include "attestation/admin_client.h"
#include "base/error.h"

namespace provisioner {
namespace {

/// "worker/0" of "worker-0".
std::string guest_of(std::string name) {
  std::replace(name.begin(), name.end(), '-', '/');
  return name;
}

class ServiceConnection final : public ServiceAdmin {
 public:
  explicit ServiceConnection(std::unique_ptr<attestation::AdminClient> client) : client_(std::move(client)) {}
  base::Json state() override { return client_->state().json(); }
  void put_approval(const std::string& dsse) override { client_->put_approval(dsse); }
  void put_guest_key(const std::string& guest, base::Bytes key) override { client_->enrol(guest_of(guest), key); }
  void delete_guest_key(const std::string& guest) override { client_->revoke(guest_of(guest)); }
  attestation::ShreddedKeys shred_keys() override { return client_->shred_keys(); }

 private:
  std::unique_ptr<attestation::AdminClient> client_;
};

}  // namespace

OpenServiceAdmin service_admin_below(std::string run) {
  return [run = std::move(run)](const base::TenantId& tenant) -> std::unique_ptr<ServiceAdmin> {
    std::unique_ptr<attestation::AdminClient> client =
        attestation::make_admin_client(run + "/" + tenant.name + "/admin.sock");
    try {
      client->state();
    } catch (const base::Error& error) {
      if (error.kind() == base::Kind::host) return nullptr;  // nobody answers
      throw;
    }
    return std::make_unique<ServiceConnection>(std::move(client));
  };
}

}  // namespace provisioner
