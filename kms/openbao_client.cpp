#include "kms/openbao_client.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "kms/provider_error.h"

namespace kms {
namespace {

constexpr unsigned most_tries = 3;

/// Whether an answer of that status says that nothing was done.
bool was_not_done(unsigned status) {
  return status == 429 || status == 503;  // too many requests; sealed or standby
}

base::Secret body_of(const base::Json& json) {
  if (json.is_null()) return {};
  return base::Secret(base::buffer_of(base::bytes_of(json.compact())));
}

std::string text_of(const base::Secret& secret) {
  return base::text_of(secret.view());
}

}  // namespace

HttpAnswer OpenBaoClient::answered(const HttpRequest& request, OpenBaoEffect effect, const std::string& id,
                                   const std::string& what) {
  for (unsigned tries = 1;; ++tries) {
    try {
      HttpAnswer answer = transport_->exchange(request);
      const bool again = was_not_done(answer.status) || (answer.status >= 500 && effect == OpenBaoEffect::none);
      if (again && tries < most_tries) continue;
      return answer;
    } catch (const TransportError& error) {
      if (tries < most_tries && (!error.sent() || effect == OpenBaoEffect::none)) continue;
      const bool safe = !error.sent() || effect != OpenBaoEffect::makes_one_more;
      throw ProviderError(error.kind(), server_, id, what + ": " + error.what(), safe ? Retry::safe : Retry::unsafe);
    }
  }
}

OpenBaoClient::Answer OpenBaoClient::send(const std::string& method, const std::string& path, const base::Json& body,
                                          OpenBaoEffect effect, const base::Secret* token,
                                          const std::string& name_space) {
  const std::string own_id = base::hex(base::random_bytes(8)), what = method + " /v1/" + path;
  HttpRequest request{
      method, "/v1/" + path, {{"X-Request-Id", own_id}, {"X-Vault-Request", "true"}}, {}, body_of(body)};
  if (!name_space.empty()) request.headers.emplace_back("X-Vault-Namespace", name_space);
  if (token != nullptr) request.secret_header = {"X-Vault-Token", token->clone()};
  const HttpAnswer got = answered(request, effect, own_id, what);
  try {
    Answer answer{got.status, parse_openbao_body(got.body.view()), own_id};
    if (const std::string id = openbao_request_id(answer.body); !id.empty()) answer.request = id;
    return answer;
  } catch (const base::Error& error) {
    // A proxy's page, or half of an answer.
    const bool safe = effect != OpenBaoEffect::makes_one_more;
    throw ProviderError(got.status >= 500 ? base::Kind::failure : error.kind(), server_, own_id,
                        what + ": HTTP " + std::to_string(got.status) + ": " + error.what(),
                        safe ? Retry::safe : Retry::unsafe);
  }
}

void OpenBaoClient::fail(const std::string& method, const std::string& path, const Answer& answer) const {
  const std::string errors = openbao_errors(answer.body);
  const Retry retry = was_not_done(answer.status) ? Retry::safe : answer.status >= 500 ? Retry::unsafe : Retry::useless;
  throw ProviderError(
      base::Kind::failure, server_, answer.request,
      method + " /v1/" + path + ": HTTP " + std::to_string(answer.status) + (errors.empty() ? "" : ": " + errors),
      retry);
}

base::Json OpenBaoClient::login() {
  const auto post = [&](const std::string& path, const base::Json& body, const base::Secret* token) {
    Answer answer = send("POST", path, body, OpenBaoEffect::idempotent, token, namespace_);
    if (answer.status != 200) fail("POST", path, answer);
    return std::move(answer.body);
  };
  if (auto* const wrapped = std::get_if<OpenBaoWrappedToken>(&identity_))
    return post("sys/wrapping/unwrap", base::Json::Object{}, &wrapped->wrapping_token);
  if (auto* const jwt = std::get_if<OpenBaoJwt>(&identity_))
    return post("auth/" + jwt->mount + "/login",
                base::Json::Object{{"role", jwt->role}, {"jwt", text_of(jwt->token())}}, nullptr);
  const auto& certificate = std::get<OpenBaoCertificate>(identity_);
  return post("auth/" + certificate.mount + "/login", base::Json::Object{{"name", certificate.role}}, nullptr);
}

const base::Secret& OpenBaoClient::token() {
  if (const auto* const given = std::get_if<OpenBaoToken>(&identity_)) return given->token;
  if (!token_) token_ = parse_openbao_login(login()).token;
  return *token_;
}

OpenBaoClient::Answer OpenBaoClient::request(const std::string& method, const std::string& path, const base::Json& body,
                                             OpenBaoEffect effect) {
  Answer answer = send(method, path, body, effect, &token(), namespace_);
  const bool can_login_again =
      std::holds_alternative<OpenBaoJwt>(identity_) || std::holds_alternative<OpenBaoCertificate>(identity_);
  if (answer.status == 403 && can_login_again) {
    token_.reset();
    answer = send(method, path, body, effect, &token(), namespace_);
  }
  // A 404 with words is about the namespace or the mount, not about what is in it.
  const bool not_there = answer.status == 404 && openbao_errors(answer.body).empty();
  const bool expected = answer.status == 200 || answer.status == 204 || answer.status == 400 || answer.status == 405;
  if (!expected && !not_there) fail(method, path, answer);
  return answer;
}

base::Json OpenBaoClient::granted(const std::string& method, const std::string& path, const base::Json& body,
                                  OpenBaoEffect effect) {
  Answer answer = request(method, path, body, effect);
  if (answer.status >= 400) fail(method, path, answer);
  return std::move(answer.body);
}

unsigned OpenBaoClient::try_to_read(const std::string& name_space, const std::string& path) {
  return send("GET", path, {}, OpenBaoEffect::none, &token(), name_space).status;
}

}  // namespace kms
