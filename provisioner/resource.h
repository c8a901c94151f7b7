#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/units.h"

namespace provisioner {

/// What Bulkhead makes on a host, in the order `apply` makes it (docs/architecture.md has each kind's body and mark).
enum class ResourceKind {
  host_filter,
  port_filter,
  bridge,
  router,
  router_filter,
  network,
  service,
  approval,
  boot_file,
  volume,
  guest_key,
  domain
};
inline constexpr std::size_t resource_kinds = 12;

/// The kind's word in plans and messages: "hostFilter", "guestKey", ...
const char* name_of(ResourceKind kind) noexcept;
std::optional<ResourceKind> resource_kind(std::string_view name) noexcept;

/// One thing that shall be on the host. `body` says everything needed to make it.
struct Resource {
  ResourceKind kind = ResourceKind::bridge;
  std::string name;
  base::Json body;
  /// SHA-256 of the body's compact text; stored in the mark of what is made from it.
  [[nodiscard]] base::Sha256 digest() const;
};

/// One thing on the host that carries the tenant's mark.
struct Observed {
  ResourceKind kind = ResourceKind::bridge;
  std::string name;
  base::Sha256 digest;  ///< the mark: the digest of the body it was made from
  std::string drift;    ///< empty, or how it differs from what it was made from: "not running", "vcpu 2 -> 1"
};

/// Takes back what one make or replace did.
using Undo = std::function<void()>;

/// Makes, finds and removes one kind of resource on one host. Nothing without the tenant's mark is ever touched.
/// Every method throws Error{host} with the outside thing's own words when the host refuses.
class ResourceDriver {
 public:
  virtual ~ResourceDriver() = default;
  [[nodiscard]] virtual ResourceKind kind() const noexcept = 0;
  /// Everything of this kind that carries this tenant's mark.
  virtual std::vector<Observed> observe(const base::TenantId& tenant) = 0;
  /// Whether something of this name exists without this tenant's mark (never ours to reuse or delete).
  virtual bool foreign_namesake(const base::TenantId& tenant, const std::string& name) = 0;
  /// Makes what is absent; on failure nothing half-made is left. @return what takes it back
  virtual Undo make(const base::TenantId& tenant, const Resource& wanted) = 0;
  /// Turns the observed into the wanted (also repairs drift when the digests are equal). @return what restores the old
  virtual Undo replace(const base::TenantId& tenant, const Observed& old, const Resource& wanted) = 0;
  /// Removes what carries the mark; doing it twice is no error.
  virtual void remove(const base::TenantId& tenant, const std::string& name) = 0;
};

/// One guest's domain as it is now, for `status` and `attest`.
struct GuestRuntime {
  std::string guest;   ///< "worker/0"
  std::string domain;  ///< "bh-acme-worker-0"
  bool running = false;
  std::int64_t started_ms = 0;  ///< when this boot began, milliseconds since the epoch by the host's clock; 0 when off
  std::string console_log;      ///< path of the console's log on the host
  std::string service{};        ///< URL of its owner's attestation service; "" when that is beside the tenant's router
};

/// One host, as plan, apply, status and destroy see it.
class Host {
 public:
  virtual ~Host() = default;
  /// The driver of a kind. The host owns it.
  virtual ResourceDriver& driver(ResourceKind kind) = 0;
  /// Every tenant that has a mark on this host, sorted.
  virtual std::vector<base::TenantId> tenants() = 0;
  /// The tenant's defined guests, sorted by name.
  virtual std::vector<GuestRuntime> guests(const base::TenantId& tenant) = 0;
  /// The guests of a tenant that are cut off at its router (provisioner/fence.h).
  virtual std::set<std::string> fenced(const base::TenantId& tenant) = 0;
  /// Cuts off exactly these guests and lets the others through again.
  virtual void fence(const base::TenantId& tenant, const std::set<std::string>& guests) = 0;
  /// The attestation key (SubjectPublicKeyInfo, DER) of every emulated guest of a tenant, by name: "worker/0".
  virtual std::map<std::string, base::Buffer> guest_keys(const base::TenantId& tenant) = 0;
  /// The numeric user id of every tenant's service on this host.
  virtual std::map<base::TenantId, std::uint32_t> service_user_ids() = 0;
};

}  // namespace provisioner
