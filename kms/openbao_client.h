#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/json.h"
#include "kms/http.h"
#include "kms/openbao_answers.h"

namespace kms {

/// How a client says who it is. Each login gives a token of the server's.
struct OpenBaoToken {
  base::Secret token;
};
/// A token that is in the server's cubbyhole until it is taken out, once: whoever stole it is found out.
struct OpenBaoWrappedToken {
  base::Secret wrapping_token;
};
/// A signed token of somebody the server trusts, such as an attestation token; asked for anew at each login.
struct OpenBaoJwt {
  std::string mount = "jwt", role;
  std::function<base::Secret()> token;
};
/// The client certificate of the TLS connection.
struct OpenBaoCertificate {
  std::string mount = "cert", role;
};
using OpenBaoIdentity = std::variant<OpenBaoToken, OpenBaoWrappedToken, OpenBaoJwt, OpenBaoCertificate>;

/// What a request does if it arrives twice.
enum class OpenBaoEffect { none, idempotent, makes_one_more };

/// A server that speaks the API of OpenBao and Vault, as one client of one namespace. Refusals and failures are
/// ProviderErrors with the server's id of the request, or ours when it did not answer. A token that the server no
/// longer takes is replaced by logging in again, once for each request.
class OpenBaoClient {
 public:
  /// @param server for messages: "openbao https://10.0.0.5:8200" @param name_space "acme"; "": the root namespace
  OpenBaoClient(std::string server, std::string name_space, OpenBaoIdentity identity,
                std::shared_ptr<HttpTransport> transport)
      : server_(std::move(server)),
        namespace_(std::move(name_space)),
        identity_(std::move(identity)),
        transport_(std::move(transport)) {}

  struct Answer {
    unsigned status = 0;
    base::Json body;
    std::string request;  ///< id
  };
  /// @param path below /v1/: "kv/data/worker/0/root" @param body null: none
  /// @return status 200, 204, 400, 405, or 404 of something that is not there; every other one is thrown
  Answer request(const std::string& method, const std::string& path, const base::Json& body, OpenBaoEffect effect);
  /// As request(), and every status from 400 on is thrown.
  base::Json granted(const std::string& method, const std::string& path, const base::Json& body, OpenBaoEffect effect);
  /// Reads `path` in the namespace `name_space` with this client's token. @return the HTTP status, whatever it is
  unsigned try_to_read(const std::string& name_space, const std::string& path);
  [[noreturn]] void fail(const std::string& method, const std::string& path, const Answer& answer) const;
  [[nodiscard]] const std::string& server() const noexcept { return server_; }

 private:
  Answer send(const std::string& method, const std::string& path, const base::Json& body, OpenBaoEffect effect,
              const base::Secret* token, const std::string& name_space);
  HttpAnswer answered(const HttpRequest& request, OpenBaoEffect effect, const std::string& id, const std::string& what);
  const base::Secret& token();
  base::Json login();

  std::string server_, namespace_;
  OpenBaoIdentity identity_;
  std::shared_ptr<HttpTransport> transport_;
  std::optional<base::Secret> token_;
};

}  // namespace kms
