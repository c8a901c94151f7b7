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

/// Nothing that is asked here does harm when it is asked twice.
[[noreturn]] void fail(const kms::ProviderError& error) {
  const bool refused = error.retry() == kms::Retry::useless;
  throw base::Error(refused ? base::Kind::not_attested : base::Kind::host, error.what());
}

}  // namespace

Secrets passport_secrets(const base::Initdata& initdata, attestation::wire::AttestedSession& session,
                         const OpenKms& open_kms) {
  const base::Initdata::Kms& at = *initdata.kms;
  const base::GuestId& guest = initdata.guest;
  const std::string name = path_name(guest);
  kms::OpenBaoClient server("openbao " + at.url.text(), at.name_space,
                            kms::OpenBaoCertificate{kms::passport_login(at.mount), kms::passport_role(guest)},
                            open_kms(session.identity(name)));
  const auto key = [&](const std::string& wanted) {
    return kms::passport_key(server, kms::passport_path(at.mount, guest, wanted));
  };
  try {
    Secrets secrets{key("bootstrap")};
    for (const std::string& volume : initdata.volumes) {
      attestation::wire::VolumeKeys keys;
      keys.may_format = session.volume_versions(name + "-" + volume).may_format.value_or(false);
      keys.versions.push_back(key("volumes/" + volume));
      secrets.volumes.emplace(volume, std::move(keys));
    }
    return secrets;
  } catch (const kms::ProviderError& error) {
    fail(error);
  }
}

std::shared_ptr<kms::HttpTransport> make_kms_transport(const base::Initdata::Kms& kms,
                                                       const attestation::wire::ClientIdentity& identity) {
  return std::make_shared<KmsTransport>(
      attestation::wire::make_kms_https_client(kms.url.text(), kms.ca, identity, request_seconds));
}

}  // namespace guest
