#pragma once
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kms/transport.h"

namespace kms {

struct HttpRequest {
  std::string method;                                        ///< "GET", "POST", "DELETE"
  std::string path;                                          ///< from the first slash on, as it is sent
  std::vector<std::pair<std::string, std::string>> headers;  ///< name, value
  std::pair<std::string, base::Secret> secret_header;        ///< one more whose value nobody may see; "": none
  base::Secret body;                                         ///< JSON; empty: none
  std::vector<std::string> wanted_headers;                   ///< of the answer
};

struct HttpAnswer {
  unsigned status = 0;
  base::Secret body;                           ///< at most 1 MiB
  std::map<std::string, std::string> headers;  ///< by the names that were wanted; no such header, no entry
};

/// One server, reached over TLS (TlsOptions); redirects are answers like others.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  /// @throws TransportError
  virtual HttpAnswer exchange(const HttpRequest& request) = 0;
};

/// Each exchange has a connection of its own (curl_http.cpp).
std::unique_ptr<HttpTransport> make_http_transport(TlsOptions options);

}  // namespace kms
