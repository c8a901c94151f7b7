#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attestation/hardware_policy.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/units.h"
#include "kms/place.h"
#include "measurement/launch_configuration.h"

namespace provisioner {

/// What a file of an image is for.
enum class FileRole { firmware, kernel, initrd, root };
const char* name_of(FileRole role) noexcept;

/// A file the tenant's guests are made from; no digest as long as it is not built.
struct ImageFile {
  FileRole role = FileRole::kernel;
  std::optional<base::Sha256> sha256;
  /// Its name in the tenant's store: "kernel-1a2b3c4d5e6f". The content is part of the name, so that a changed file
  /// changes every guest that uses it. @pre sha256
  [[nodiscard]] std::string stored_name() const;
  bool operator==(const ImageFile&) const = default;
};

/// Who must approve.
struct OwnerIntent {
  std::string name;
  std::string approval_key;  ///< PEM
  bool operator==(const OwnerIntent&) const = default;
};

/// A network's way out: a bridge of the host with the router's address on it.
struct UplinkIntent {
  std::string name;     ///< as the site file calls it
  std::string bridge;   ///< made by the operator
  std::string address;  ///< of the router, with the length of the uplink's network: "192.0.2.7/24"
  std::string gateway;  ///< empty for none
  bool operator==(const UplinkIntent&) const = default;
};

struct NetworkIntent {
  base::Pool pool = base::Pool::control;
  std::string cidr;     ///< "10.20.1.0/24"
  std::string gateway;  ///< the router's address in it
  std::optional<UplinkIntent> uplink;
  bool operator==(const NetworkIntent&) const = default;
};

/// One end of a flow at the tenant's router: an interface ("worker", or "up-worker" for that pool's uplink) and the
/// subnets there; none means every address of that side.
struct FlowEndIntent {
  std::string interface;
  std::vector<std::string> cidrs;
  bool operator==(const FlowEndIntent&) const = default;
};

/// Connections the router lets through; no ports at all means every protocol.
struct FlowIntent {
  FlowEndIntent from, to;
  std::vector<std::uint16_t> tcp, udp;
  bool operator==(const FlowIntent&) const = default;
};

/// The attestation service guests report to.
struct ServiceIntent {
  std::string placement;  ///< "operatorHost": beside the tenant's router; "owner": outside the operator's reach
  std::string address;    ///< or a name, with which nothing can be applied
  unsigned port = 0;
  std::string ca;  ///< PEM, pinned in every guest's initdata
  [[nodiscard]] bool on_host() const { return placement == "operatorHost"; }
  [[nodiscard]] std::string url() const { return "https://" + address + ":" + std::to_string(port); }
  bool operator==(const ServiceIntent&) const = default;
};

/// Where the tenant's keys are, when that is not the service's embedded store.
struct KmsIntent {
  std::string placement;  ///< "owner" or "operatorHost"
  kms::Place place;
  std::vector<std::string> shared_with;  ///< tenants that use the same server
  bool operator==(const KmsIntent&) const = default;
};

/// A disk that keeps its content when the guest is made again; the guest encrypts it (docs/kms.md).
struct VolumeIntent {
  std::string name;
  base::MiB size;
  bool operator==(const VolumeIntent&) const = default;
};

struct GuestIntent {
  base::GuestId id;
  std::string uuid;  ///< version 5, of tenant, pool and index
  std::string mac;
  std::string address;
  /// Nullopt as long as the image is not built. Paths are stored names, relative to the tenant's store.
  std::optional<measurement::LaunchConfiguration> launch;
  std::string initdata;  ///< TOML
  base::Sha256 initdata_sha256;
  std::vector<VolumeIntent> volumes;
  attestation::HardwarePolicy hardware;  ///< what its owners demand of the hardware below it
  base::Json reference_values;           ///< as in the approval; null as long as nothing is measured
  bool operator==(const GuestIntent&) const = default;
};

/// Everything that follows from one tenant's documents and image files alone: what its owners approve.
struct Intent {
  base::TenantId tenant;
  base::Tee tee = base::Tee::emulated;
  std::vector<OwnerIntent> owners;
  std::vector<ImageFile> files;
  std::vector<NetworkIntent> networks;
  std::vector<FlowIntent> flows;
  ServiceIntent service;
  std::optional<KmsIntent> kms;
  std::vector<GuestIntent> guests;
  std::vector<std::string> not_built;  ///< what the document asks for and `apply` cannot do yet
  /// Whether guests have keys that somebody else than this host's `apply` makes known to their service.
  [[nodiscard]] bool enrols_elsewhere() const { return tee == base::Tee::emulated && !service.on_host(); }
  /// Whether every file is built and every guest measured.
  [[nodiscard]] bool resolved() const noexcept;
  bool operator==(const Intent&) const = default;
};

base::Json intent_json(const Intent& intent);
/// SHA-256 of the compact text of intent_json(): what an approval is bound to.
base::Sha256 intent_digest(const Intent& intent);
/// Strict: unknown members are errors, the initdata digests must be those of the texts.
/// @throws Error{malformed} naming `name` and the place
Intent parse_intent(const base::Json& json, std::string_view name);

}  // namespace provisioner
