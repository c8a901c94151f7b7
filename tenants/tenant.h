#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/units.h"
#include "tenants/ipv4.h"
#include "tenants/located.h"

/// What a tenant file says (`kind: Tenant`), as passive data. docs/tenant-file.md explains each field.
namespace tenants {

/// Where a service runs: outside the operator's reach, in a guest the owner unlocked, or on the operator's host.
enum class Placement { owner, guest, operator_host };
enum class KmsProvider { embedded, openbao, kmip, pkcs11 };
/// Who asks the KMS for a guest's keys: the attestation service, or the guest itself with the certificate it was given.
enum class KmsModel { background_check, passport };
const char* name_of(Placement placement) noexcept;
const char* name_of(KmsProvider provider) noexcept;

/// The weaknesses a tenant agrees to, each by name.
struct Consent {
  bool emulated = false;
  bool debug = false;
  bool trust_operator_host = false;
};

/// The least firmware levels of one processor family. Source: AMD 56860, TCB_VERSION.
struct MinimumTcb {
  std::optional<unsigned> bootloader, tee, snp, microcode, fmc;
};

/// What the hardware below a guest must be. What is not said demands nothing; in a pool, what the tenant says.
struct HardwareDemands {
  std::optional<bool> smt_allowed;
  std::vector<Located<std::string>> chips;  ///< lower-case hex: chip ids (SNP), PPIDs or platform instance ids (TDX)
  std::optional<MinimumTcb> milan, genoa, turin;  ///< SNP; a family without a minimum is refused when another has one
  base::SourcePosition minimum_tcb_where;         ///< of the three
  std::optional<Located<bool>> provisional_firmware;  ///< SNP
  std::optional<Located<unsigned>> vmpl;              ///< SNP
  std::vector<Located<std::string>> tcb_statuses;     ///< TDX: Intel's words that are good enough
  [[nodiscard]] bool has_minimum_tcb() const noexcept { return milan || genoa || turin; }
};

struct LaunchPolicy : HardwareDemands {
  Located<bool> debug;
  unsigned guest_svn = 0;
  std::string family_id, image_id;  ///< of the ID block: 32 hexadecimal digits, or a text of at most 16 bytes
};

/// `https://HOST:PORT`; the host is a DNS name or an IPv4 address.
struct ServiceUrl {
  std::string text;
  std::string scheme;  ///< "https" or "kmip"
  std::string host;    ///< lower case
  std::uint16_t port = 0;
  std::optional<Ipv4> address;  ///< when the host is one
};

struct AttestationService {
  Located<Placement> placement;
  Located<ServiceUrl> url;
  Located<std::string> ca;  ///< path of a PEM certificate
  std::vector<Located<std::string>> shared_with;
};

struct Kms {
  Located<Placement> placement;
  Located<KmsProvider> provider;
  std::optional<Located<ServiceUrl>> url;
  std::optional<Located<std::string>> ca;
  std::string name_space, mount;
  std::optional<Located<KmsModel>> model;
  std::optional<Located<std::string>> token;        ///< label of a PKCS#11 token
  std::optional<Located<std::string>> certificate;  ///< path of the PEM certificate the service shows the KMS
  std::vector<Located<std::string>> shared_with;
  [[nodiscard]] bool is_passport() const noexcept { return model && model->value == KmsModel::passport; }
};

struct Owner {
  Located<std::string> name;
  Located<std::string> approval_key;  ///< path of a PEM public key
  /// P-384 keys that sign SNP ID blocks, and that vouch for the former: path of a PEM public key, or pkcs11: URI.
  std::optional<Located<std::string>> id_key, author_key;
  std::optional<Located<std::string>> recovery_key;  ///< path of a PEM public key, EC P-256
  std::optional<AttestationService> attestation;
  std::optional<Kms> kms;
};

/// A file and what it must be.
struct PinnedFile {
  Located<std::string> path;
  base::Sha256 sha256;
};

struct CommandLine {
  Located<std::string> text;
  Located<base::Sha256> sha256;  ///< of the text, without a terminating NUL
};

/// Either recipe and lock, or firmware, kernel, initrd and command line. `firmware` may stand beside a recipe.
struct Image {
  std::optional<Located<std::string>> recipe, lock;
  std::optional<PinnedFile> firmware, kernel, initrd, root;
  std::optional<CommandLine> command_line;
};

struct Volume {
  Located<std::string> name;
  base::MiB size;
  bool shared = false;
  bool read_only = false;
};

struct NodePool {
  Located<unsigned> count;
  unsigned vcpus = 1;
  std::string cpu;  ///< QEMU's name of the model
  base::MiB memory;
  HardwareDemands hardware;  ///< instead of the tenant's
  Located<std::string> network;
  std::vector<Volume> volumes;
  std::optional<Located<std::string>> bootstrap;
  std::vector<Located<Ipv4>> addresses;  ///< empty, or one for each guest
};

/// The way out of a network: a bridge of the site with our address on it, or a VLAN.
struct Uplink {
  std::optional<Located<std::string>> name;
  std::optional<Located<Cidr>> address;
  std::optional<Located<Ipv4>> gateway;
  std::optional<Located<unsigned>> vlan;
};

struct Network {
  Located<std::string> name;
  Located<Cidr> cidr;
  std::optional<Uplink> uplink;  ///< nullopt for `none`
};

struct FlowEnd {
  enum class Kind { pool, services, uplink, subnet };
  Kind kind = Kind::pool;
  base::Pool pool = base::Pool::control;
  Cidr subnet;
  base::SourcePosition where;
};

/// Traffic that may start. Without tcp, udp and icmp: everything between the two ends.
struct Flow {
  std::vector<FlowEnd> from, to;
  std::vector<std::uint16_t> tcp, udp;
  bool icmp = false;
  std::vector<Located<std::string>> names;
  std::vector<Located<Cidr>> addresses;
  base::SourcePosition where;
};

struct Dns {
  std::vector<Located<Ipv4>> servers;
  base::SourcePosition where;
};

struct TimeSource {
  std::vector<Located<std::string>> servers;
  base::SourcePosition where;
};

struct HostIsolation {
  Located<bool> dedicated_hosts, separate_control_host, dedicated_cores;
  std::optional<Located<base::MiB>> cache;
  std::optional<Located<unsigned>> confidential_slots;
};

struct Quota {
  std::optional<unsigned> guests, vcpus;
  std::optional<base::MiB> memory, disk;
  base::SourcePosition where;
};

struct Pools {
  NodePool control, worker;
};

struct Tenant {
  Located<std::string> name;
  Located<base::Tee> tee;
  Consent consent;
  LaunchPolicy launch_policy;
  std::vector<Owner> owners;  ///< at least one
  Image image;
  Pools pools;
  std::vector<Network> networks;  ///< in the order written
  std::vector<Flow> flows;
  std::optional<Located<std::uint32_t>> vsock_cid;  ///< of control/0; the tenant has 128 from there
  std::optional<Dns> dns;
  std::optional<TimeSource> time;
  HostIsolation isolation;
  std::optional<Quota> quota;

  [[nodiscard]] base::TenantId id() const { return {name.value}; }
  [[nodiscard]] const NodePool& pool(base::Pool which) const {
    return which == base::Pool::control ? pools.control : pools.worker;
  }
  /// What is demanded of the hardware below a pool's guests: what the pool says, else what the tenant says.
  [[nodiscard]] HardwareDemands hardware(base::Pool which) const;
  /// nullptr when no network has the name
  [[nodiscard]] const Network* network(std::string_view wanted) const noexcept;
  /// The attestation service guests report to: the first owner's that gives one.
  [[nodiscard]] const AttestationService* attestation() const noexcept;
  /// The KMS its service uses: the first owner's that gives one.
  [[nodiscard]] const Kms* kms() const noexcept;
  /// The network of a pool by whose uplink the router reaches an address outside: the one in whose uplink's subnet it
  /// is, else the first that has an uplink. nullptr when there is none
  [[nodiscard]] const Network* way_to(Ipv4 address) const noexcept;
};

}  // namespace tenants
