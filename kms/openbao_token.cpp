#include "kms/openbao_token.h"

#include "kms/provider_error.h"

namespace kms {
namespace {

/// Servers say "permission denied" and no more of a token that is none any longer.
template <typename Ask>
auto explained(const Ask& ask) {
  try {
    return ask();
  } catch (const ProviderError& error) {
    if (error.retry() != Retry::useless) throw;
    throw base::Error(error.kind(), std::string(error.what()) +
                                        "; the token ended or was revoked, or may not look at and renew itself");
  }
}

class OpenBaoTokenCredential final : public Credential {
 public:
  explicit OpenBaoTokenCredential(std::shared_ptr<OpenBaoClient> client) : client_(std::move(client)) {}
  CredentialTerm look() override {
    const OpenBaoTokenFacts facts = explained([&] { return look_at_token(*client_); });
    return {facts.seconds, facts.granted, facts.renewable};
  }
  CredentialTerm renew() override {
    const OpenBaoLogin login = explained([&] {
      return parse_openbao_login(
          client_->granted("POST", "auth/token/renew-self", base::Json::Object{}, OpenBaoEffect::idempotent));
    });
    return {login.seconds == 0 ? std::nullopt : std::optional(login.seconds), login.seconds, login.renewable};
  }

 private:
  std::shared_ptr<OpenBaoClient> client_;
};

}  // namespace

OpenBaoTokenFacts look_at_token(OpenBaoClient& client) {
  return parse_openbao_token(client.granted("GET", "auth/token/lookup-self", {}, OpenBaoEffect::none));
}

std::unique_ptr<Credential> make_openbao_token(std::shared_ptr<OpenBaoClient> client) {
  return std::make_unique<OpenBaoTokenCredential>(std::move(client));
}

}  // namespace kms
