#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/https_url.h"
#include "base/secret.h"

/// One HTTPS connection to a tenant's attestation service, or to what else is at an address and under a pinned CA.
namespace attestation::wire {

struct HttpResponse {
  unsigned status = 0;
  std::string body;
};

/// Sends one request after another and remembers cookies between them.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  /// @param path begins with '/' @param json the body, sent as application/json
  /// @throws Error{host} when the service cannot be reached in time or is not the one whose CA was pinned
  virtual HttpResponse post(std::string_view path, std::string_view json) = 0;
  virtual HttpResponse get(std::string_view path) = 0;
};

/// Who a client is to a service that knows its owners by certificates.
struct ClientIdentity {
  std::string certificate;  ///< PEM
  base::Secret key;         ///< PEM
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;  ///< name, value

/// A client that may say more than guests say to their service.
class OwnerHttpClient : public HttpClient {
 public:
  /// @param method "PUT" @param most_bytes of the answer's body @param headers besides those of every request
  virtual HttpResponse send(const std::string& method, std::string_view path, std::string_view json,
                            std::size_t most_bytes, const HttpHeaders& headers) = 0;
  /// Waits that long for each answer from now on; for a connection as before.
  virtual void be_patient(std::chrono::seconds patience) = 0;
};

/// A service's URL as initdata writes it: "https://10.20.255.1:8443". Guests resolve no names.
/// @throws Error{malformed} unless the text is https, an IPv4 address, an optional port and nothing more
base::HttpsUrl parse_service_url(std::string_view text);

/// A client that trusts only `ca_pem`, wants the address in the certificate, speaks TLS 1.2 or 1.3, reads at most
/// 2 MiB and gives every request `timeout_seconds`. @throws Error{malformed} when url or CA cannot be read
std::unique_ptr<HttpClient> make_https_client(std::string_view url, std::string_view ca_pem, unsigned timeout_seconds);
/// The same, and it shows its certificate. @throws Error{malformed} also when certificate or key cannot be read
std::unique_ptr<OwnerHttpClient> make_owner_https_client(std::string_view url, std::string_view ca_pem,
                                                         const ClientIdentity& identity, unsigned timeout_seconds);
/// The same to a KMS, as messages then call it.
std::unique_ptr<OwnerHttpClient> make_kms_https_client(std::string_view url, std::string_view ca_pem,
                                                       const ClientIdentity& identity, unsigned timeout_seconds);

}  // namespace attestation::wire
