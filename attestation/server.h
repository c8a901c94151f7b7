#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "attestation/request_handler.h"
#include "base/secret.h"

/// Sockets for the service: HTTPS for guests and owners, a Unix socket for the administrator.
namespace attestation {

struct ServerOptions {
  std::string address;          ///< textual IPv4
  unsigned short port = 0;      ///< 0 takes a free one
  base::Secret tls_key;         ///< PEM
  std::string tls_certificate;  ///< PEM, leaf first
  std::string client_ca{};      ///< PEM: clients may show a certificate under it; "": none is asked for
  std::string admin_socket;     ///< path; an older socket there is replaced
  unsigned most_connections = 1024;
  unsigned most_per_source = 8;              ///< so that one guest cannot keep the others out
  std::size_t most_body_bytes = 64U << 20U;  ///< of requests being read, on all connections together
  unsigned request_seconds = 30;             ///< for the handshake, for a whole request, and idle
  std::size_t most_pending = 256;            ///< answers that wait for somebody slow
  unsigned pending_milliseconds = 10'000;    ///< that such an answer waits for the others' before it is given up
  unsigned working_milliseconds = 10'000;    ///< that its own work may take then (Wait::for_a_while)
};

class Server {
 public:
  virtual ~Server() = default;
  /// Serves until stop() or, once stop_on_signals() was called, SIGTERM or SIGINT.
  virtual void run() = 0;
  virtual void stop() = 0;  ///< from any thread
  virtual void stop_on_signals() = 0;
  /// Has work done that nobody waits for.
  virtual void undertake(Pending pending) = 0;
  /// Has such work done whenever it is due, without anybody asking for it. @param has_time how long the next has time;
  /// nullopt: for ever. Asked at once, after each piece, and at least every hour. @param begin the piece that is due
  virtual void keep_undertaking(std::function<std::optional<std::chrono::milliseconds>()> has_time,
                                std::function<Pending()> begin) = 0;
  /// After run(): waits for the work that is under way. @return false when it goes on; what it touches is not to end
  /// then
  virtual bool end_work_within(std::chrono::milliseconds time) = 0;
  [[nodiscard]] virtual unsigned short port() const = 0;
};

/// Listens on both sockets; they outlive neither handler.
/// @throws Error{failure} "cannot listen on ADDRESS:PORT: reason"; Error{malformed} for a bad key or certificate
std::unique_ptr<Server> make_server(ServerOptions options, RequestHandler& guests, RequestHandler& administrator);

}  // namespace attestation
