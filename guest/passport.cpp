#include "guest/passport.h"

#include "base/error.h"
#include "kms/passport.h"
#include "kms/provider_error.h"

namespace guest {
namespace {

constexpr unsigned request_seconds = 10;
constexpr std::size_t most_bytes = 1U << 20U;

/// The guest's own HTTPS client: no library comes into the initrd for it.
class KmsTransport final : public kms::HttpTransport {
 public:
  explicit KmsTransport(std::unique_ptr<attestation::wire::OwnerHttpClient> client) : client_(std::move(client)) {}

  kms::HttpAnswer exchange(const kms::HttpRequest& request) override {
    attestation::wire::HttpHeaders headers = request.headers;
    if (const auto& [name, value] = request.secret_header; !name.empty())
      headers.emplace_back(name, base::text_of(value.view()));
    try {
      const auto answer =
          client_->send(request.method, request.path, base::text_of(request.body.view()), most_bytes, headers);
      return {answer.status, base::Secret(base::buffer_of(base::bytes_of(answer.body))), {}};
    } catch (const base::Error& error) {
      if (error.kind() != base::Kind::host) throw;
      throw kms::TransportError(error.what(), true);
    }
  }

 private:
  std::unique_ptr<attestation::wire::OwnerHttpClient> client_;
};

using attestation::wire::AttestedSession;
using attestation::wire::VolumeKeys;
using attestation::wire::VolumeVersions;

/// The KMS as this guest sees it, logged in with a certificate of this session.
class OwnSecrets {
 public:
  OwnSecrets(const base::Initdata& initdata, AttestedSession& session, const OpenKms& open_kms)
      : at_(*initdata.kms),
        guest_(initdata.guest),
        server_("openbao " + at_.url.text(), at_.name_space,
                kms::OpenBaoCertificate{kms::passport_login(at_.mount), kms::passport_role(guest_)},
                open_kms(session.identity(path_name(guest_)))) {}

  /// Made where there never was one.
  base::Secret get(const std::string& key, std::uint32_t version = 1) {
    return kms::passport_key(server_, path(key, version));
  }
  std::optional<base::Secret> get_if_any(const std::string& key, std::uint32_t version) {
    return kms::passport_key_if_any(server_, path(key, version));
  }
  base::Secret get_existing(const std::string& key, std::uint32_t version) {
    if (auto found = get_if_any(key, version)) return std::move(*found);
    throw base::Error(base::Kind::failure, "kms " + server_.server() + ": " + path(key, version) +
                                               ": somebody deleted the key there; no other is made");
  }

 private:
  [[nodiscard]] std::string path(const std::string& key, std::uint32_t version) const {
    return kms::passport_path(at_.mount, guest_, key, version);
  }
  const base::Initdata::Kms& at_;
  const base::GuestId& guest_;
  kms::OpenBaoClient server_;
};

/// Nothing that is asked here does harm when it is asked twice.
[[noreturn]] void fail(const kms::ProviderError& error) {
  const bool refused = error.retry() == kms::Retry::useless;
  throw base::Error(refused ? base::Kind::not_attested : base::Kind::host, error.what());
}

/// Whatever may open the disk. A next version is not made here: it would open nothing.
VolumeKeys volume_keys(OwnSecrets& own, const std::string& key, const VolumeVersions& at_service) {
  VolumeKeys keys{at_service.may_format.value_or(false), {}};
  if (keys.may_format) {
    keys.versions.push_back(own.get(key, at_service.current));
    return keys;
  }
  if (!at_service.next) {
    keys.versions.push_back(own.get_existing(key, at_service.current));
    return keys;
  }
  if (auto current = own.get_if_any(key, at_service.current)) keys.versions.push_back(std::move(*current));
  if (auto next = own.get_if_any(key, *at_service.next)) keys.versions.push_back(std::move(*next));
  if (keys.versions.empty()) keys.versions.push_back(own.get_existing(key, at_service.current));
  return keys;
}

}  // namespace

Secrets passport_secrets(const base::Initdata& initdata, AttestedSession& session, const OpenKms& open_kms) try {
  OwnSecrets own(initdata, session, open_kms);
  Secrets secrets{own.get("bootstrap")};
  for (const std::string& volume : initdata.volumes) {
    const VolumeVersions at_service = session.volume_versions(path_name(initdata.guest) + "-" + volume);
    secrets.volumes.emplace(volume, volume_keys(own, "volumes/" + volume, at_service));
    secrets.rotating = secrets.rotating || at_service.next;
  }
  return secrets;
} catch (const kms::ProviderError& error) {
  fail(error);
}

std::vector<base::Secret> passport_versions(const base::Initdata& initdata, AttestedSession& session,
                                            const OpenKms& open_kms, const std::string& volume,
                                            const VolumeVersions& versions) try {
  OwnSecrets own(initdata, session, open_kms);
  const std::string key = "volumes/" + volume;
  std::vector<base::Secret> keys;
  if (!versions.next) {
    keys.push_back(own.get_existing(key, versions.current));
  } else if (auto current = own.get_if_any(key, versions.current)) {
    keys.push_back(std::move(*current));
    keys.push_back(own.get(key, *versions.next));
  } else {
    // Only a next version that is there can open the disk, and then this rotation needs no other.
    keys.push_back(own.get_existing(key, *versions.next));
    keys.push_back(keys.front().clone());
  }
  return keys;
} catch (const kms::ProviderError& error) {
  fail(error);
}

std::shared_ptr<kms::HttpTransport> make_kms_transport(const base::Initdata::Kms& kms,
                                                       const attestation::wire::ClientIdentity& identity) {
  return std::make_shared<KmsTransport>(
      attestation::wire::make_kms_https_client(kms.url.text(), kms.ca, identity, request_seconds));
}

}  // namespace guest
