#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>

#include "attestation/wire/kbs_client.h"
#include "attestation/wire/volume_keys.h"
#include "base/initdata.h"
#include "kms/http.h"

/// What this guest is given once its tenant's service has accepted its evidence.
namespace guest {

/// How long the guest tries to reach a service that may start after it, and how it waits in between.
struct Patience {
  std::chrono::milliseconds first_pause{250}, longest_pause{4000}, total{120000};
  std::function<void(std::chrono::milliseconds)> wait;  ///< lets that much time pass
  std::function<void(const std::string&)> tell{};       ///< is told the first failure; may be empty
};

/// Makes a new connection to the tenant's service; a broken one is of no use.
using Connect = std::function<std::unique_ptr<attestation::wire::HttpClient>()>;

/// Makes a connection to the KMS that the guest asks for its keys itself, as whom the service's certificate names.
using OpenKms = std::function<std::shared_ptr<kms::HttpTransport>(const attestation::wire::ClientIdentity&)>;

/// The service as this guest knows it. A service that cannot be reached, or puts the guest off, is tried again, in a
/// session of its own, pauses doubling, until the pauses sum up to `patience.total`; a refusal is final. Both functions
/// throw Error{not_attested} with the service's reason, Error{host} with the last failure to reach it.
struct Service {
  Connect connect;
  attestation::wire::EvidenceMaker& evidence;
  Patience patience;
  OpenKms open_kms{};  ///< where initdata names a KMS
};

/// "worker-0", as paths and the guest's own host name have it.
std::string path_name(const base::GuestId& guest);

struct Secrets {
  base::Secret bootstrap;                                          ///< 32 bytes
  std::map<std::string, attestation::wire::VolumeKeys> volumes{};  ///< by the volumes' names
  bool rotating = false;                                           ///< whether a volume's key is
};

/// Proves this guest to its tenant's service and receives its bootstrap secret and the keys of its volumes: from that
/// service, or with its certificate from the KMS that initdata names, which is tried again as the service is.
Secrets fetch_secrets(const base::Initdata& initdata, const Service& service);

/// The keys of the versions of a volume's key that the service named in this session, from where fetch_secrets() has
/// them: the current one and, while it rotates, the next one.
std::vector<base::Secret> fetch_versions(const base::Initdata& initdata, attestation::wire::AttestedSession& session,
                                         const OpenKms& open_kms, const std::string& volume,
                                         const attestation::wire::VolumeVersions& versions);

/// Tells the service, once more as the attested guest, which volumes were formatted.
void tell_formatted(const base::GuestId& guest, const std::vector<std::string>& volumes, const Service& service);

}  // namespace guest
