#pragma once
#include <chrono>
#include <exception>
#include <functional>
#include <string>
#include <variant>

#include "base/error.h"

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

/// Whether who wants something done is told what comes of it, however long that takes, or after a while that it is not
/// done yet.
enum class Wait { to_the_end, for_a_while };

/// An answer that waits for somebody who may be slow or never come. `work` is done on another thread, one piece at a
/// time, and touches nothing that requests are answered from; `finish` is called where requests are answered, with what
/// `work` threw, or nullptr, or with NotBegun, or StillUnderWay: then it must not touch what `work` does.
struct Pending {
  std::function<void()> work;
  std::function<Response(const std::exception_ptr& problem)> finish;
  Wait wait = Wait::to_the_end;
};
using Answer = std::variant<Response, Pending>;

/// There was too much other work: this one was not begun, and nothing of it was done.
class NotBegun : public base::Error {
 public:
  /// @param busy how long the piece before it has taken so far
  explicit NotBegun(std::chrono::seconds busy = {})
      : base::Error(
            base::Kind::failure,
            "too much work before it; it was not begun" +
                (busy.count() > 0 ? "; the one before it has taken " + std::to_string(busy.count()) + " s" : "")) {}
};

/// The work is being done, and what comes of it is waited for no longer.
class StillUnderWay : public base::Error {
 public:
  explicit StillUnderWay(std::chrono::milliseconds waited)
      : base::Error(base::Kind::failure, "no answer after " + std::to_string(waited.count() / 1000) + " s") {}
};

/// Does what is pending at once, on the caller's own thread. @throws what `finish` throws
Response completed(Answer answer);

/// Answers requests; neither it nor an answer's `finish` throws.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  virtual Answer handle(const Request& request) = 0;
  /// A request that was begun gets no answer: it is too large, too slow or no HTTP. @param source the peer's address
  virtual void dropped(const std::string& source, const std::string& why);
};

}  // namespace attestation
