#pragma once
#include <string>

namespace attestation {

/// One HTTP request, as far as the service cares.
struct Request {
  std::string method;   ///< "GET"
  std::string path;     ///< without a query
  std::string session;  ///< value of the cookie kbs-session-id, or ""
  std::string bearer;   ///< token of "Authorization: Bearer", or ""
  std::string body;
  std::string source;  ///< the peer's address, for limits and the audit log
  std::string peer{};  ///< URI of the peer's certificate, if the tenant's CA itself issued that (tls_peer.h); else ""
};

struct Response {
  unsigned status = 200;
  std::string body;
  std::string session;  ///< when not "": set as cookie
  std::string content_type{"application/json"};
};

/// Answers requests; never throws.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  virtual Response handle(const Request& request) = 0;
};

}  // namespace attestation
