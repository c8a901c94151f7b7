#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <chrono>
#include <map>
#include <optional>

#include "attestation/http_request.h"
#include "attestation/server.h"
#include "attestation/tls_peer.h"
#include "attestation/wire/kbs_messages.h"
#include "attestation/work_queue.h"
#include "base/error.h"

namespace attestation {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using asio::ip::tcp;
using Local = asio::local::stream_protocol;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;
using LocalStream = beast::basic_stream<Local>;

/// How many connections there are, in all and of each source, and what their requests may take; outlives them.
struct OpenConnections {
  unsigned total = 0;
  std::map<std::string, unsigned> of;
  std::size_t body_bytes = 0, most_body_bytes = 0;

  void add(const std::string& source) {
    ++total;
    ++of[source];
  }
  void remove(const std::string& source) {
    --total;
    if (--of[source] == 0) of.erase(source);
  }
};

struct ConnectionLimits {
  std::chrono::seconds timeout;
  std::string source;
  OpenConnections& open;
  WorkQueue& work;  ///< does what answers wait for
};

std::string text_of(beast::string_view view) {
  return {view.data(), view.size()};
}

/// One connection: requests are read, answered and written one after another.
template <typename Stream>
class Connection : public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(Stream stream, RequestHandler& handler, ConnectionLimits limits)
      : stream_(std::move(stream)), handler_(handler), limits_(std::move(limits)) {
    limits_.open.add(limits_.source);
  }
  ~Connection() {
    release_body();
    limits_.open.remove(limits_.source);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void shake_hands() {
    beast::get_lowest_layer(stream_).expires_after(limits_.timeout);
    stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](beast::error_code error) {
      if (!error) self->read();
    });
  }
  void read() {
    parser_.emplace();
    parser_->body_limit(wire::body_limit);
    parser_->header_limit(header_limit);
    beast::get_lowest_layer(stream_).expires_after(limits_.timeout);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                              if (error) return self->drop(error);
                              if (self->reserve_body()) self->read_body();
                            });
  }

 private:
  /// Sets aside what the body may take. False when all connections together would hold too much: then this one ends.
  bool reserve_body() {
    const auto length = parser_->content_length();
    const bool chunked = !length && parser_->chunked();
    reserved_ = length ? static_cast<std::size_t>(*length) : chunked ? wire::body_limit : 0;
    if (limits_.open.body_bytes + reserved_ > limits_.open.most_body_bytes) {
      reserved_ = 0;
      handler_.dropped(limits_.source, "the bodies of all requests together would be too large");
      return false;
    }
    limits_.open.body_bytes += reserved_;
    return true;
  }
  /// The connection ends. Whose peer went away is told to nobody, nor who only kept it open.
  void drop(beast::error_code error) {
    const bool gone = error == http::error::end_of_stream || error == http::error::partial_message;
    const bool no_request = error.category() == make_error_code(http::error::body_limit).category() && !gone;
    if (no_request || (error == beast::error::timeout && parser_->got_some()))
      handler_.dropped(limits_.source, error.message());
  }
  void release_body() {
    limits_.open.body_bytes -= reserved_;
    reserved_ = 0;
  }
  void read_body() {
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                       if (error) return self->drop(error);
                       self->answer();
                     });
  }
  void answer() {
    const auto& message = parser_->get();
    Request request = request_of(text_of(message.method_string()), text_of(message.target()),
                                 text_of(message[http::field::cookie]), text_of(message[http::field::authorization]));
    request.body = message.body();
    request.source = limits_.source;
    if constexpr (std::is_same_v<Stream, TlsStream>) request.peer = directly_certified_uri(stream_.native_handle());
    const bool keep_alive = message.keep_alive();
    Answer answer = handler_.handle(request);
    parser_.reset();
    release_body();
    if (auto* const ready = std::get_if<Response>(&answer)) return write(std::move(*ready), keep_alive);
    write_when_done(std::get<Pending>(std::move(answer)), keep_alive);
  }
  /// Everything the work's thread holds of this connection is handed over to the connection's own thread.
  void write_when_done(Pending pending, bool keep_alive) {
    limits_.work.add(
        std::move(pending.work),
        [self = this->shared_from_this(), executor = stream_.get_executor(), finish = std::move(pending.finish),
         keep_alive](const std::exception_ptr& problem) mutable {
          asio::post(executor, [self = std::move(self), finish = std::move(finish), problem, keep_alive] {
            self->write(finish(problem), keep_alive);
          });
        },
        pending.wait);
  }
  void write(Response answer, bool keep_alive) {
    response_ = {http::int_to_status(answer.status), 11};
    response_.set(http::field::content_type, answer.content_type);
    response_.set(http::field::cache_control, "no-store");
    if (!answer.session.empty()) {
      response_.set(http::field::set_cookie,
                    "kbs-session-id=" + answer.session + "; Max-Age=300; Path=/kbs; Secure; HttpOnly; SameSite=Strict");
    }
    response_.keep_alive(keep_alive);
    response_.body() = std::move(answer.body);
    response_.prepare_payload();
    beast::get_lowest_layer(stream_).expires_after(limits_.timeout);
    http::async_write(stream_, response_,
                      [self = this->shared_from_this(), keep_alive](beast::error_code error, std::size_t) {
                        if (!error && keep_alive) self->read();
                      });
  }

  Stream stream_;
  RequestHandler& handler_;
  ConnectionLimits limits_;
  beast::flat_buffer buffer_{header_limit | wire::body_limit};
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  std::size_t reserved_ = 0;
};

asio::ssl::context server_tls(const ServerOptions& options) {
  asio::ssl::context context(asio::ssl::context::tls_server);
  boost::system::error_code error;
  const base::Bytes key = options.tls_key.view();
  context.use_certificate_chain(asio::buffer(options.tls_certificate), error);
  if (!error) context.use_private_key(asio::buffer(key.data(), key.size()), asio::ssl::context::pem, error);
  if (error) throw base::Error(base::Kind::malformed, "TLS key and certificate: " + error.message());
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_session_cache_mode(context.native_handle(), SSL_SESS_CACHE_OFF);
  if (!options.client_ca.empty()) ask_for_certificates(context.native_handle(), options.client_ca);
  return context;
}

bool is_administrator(int socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && (peer.uid == 0 || peer.uid == geteuid());
}

template <typename Protocol>
void listen_on(typename Protocol::acceptor& acceptor, const typename Protocol::endpoint& where,
               const std::string& name) {
  boost::system::error_code error;
  acceptor.open(where.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(where, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) throw base::Error(base::Kind::failure, "cannot listen on " + name + ": " + error.message());
}

class BoostServer final : public Server {
 public:
  BoostServer(ServerOptions options, RequestHandler& guests, RequestHandler& administrator)
      : options_(std::move(options)), tls_(server_tls(options_)), guests_(guests), administrator_(administrator) {
    open_.most_body_bytes = admin_open_.most_body_bytes = options_.most_body_bytes;
    const tcp::endpoint where(asio::ip::make_address(options_.address), options_.port);
    listen_on<tcp>(guest_acceptor_, where, options_.address + ":" + std::to_string(options_.port));
    unlink(options_.admin_socket.c_str());
    listen_on<Local>(admin_acceptor_, Local::endpoint(options_.admin_socket), options_.admin_socket);
    accept_guests();
    accept_administrators();
  }
  ~BoostServer() override { unlink(options_.admin_socket.c_str()); }

  void run() override { io_.run(); }
  void stop() override { io_.stop(); }
  void stop_on_signals() override {
    signals_.async_wait([this](beast::error_code error, int) {
      if (!error) stop();
    });
  }
  void undertake(Pending pending) override {
    work_.add(std::move(pending.work),
              [this, finish = std::move(pending.finish)](const std::exception_ptr& problem) mutable {
                asio::post(io_, [finish = std::move(finish), problem] { static_cast<void>(finish(problem)); });
              });
  }
  void keep_undertaking(std::function<std::optional<std::chrono::milliseconds>()> has_time,
                        std::function<Pending()> begin) override {
    chore_ = {std::move(has_time), std::move(begin)};
    attend_to_chore();
  }
  bool end_work_within(std::chrono::milliseconds time) override { return work_.end_within(time); }
  [[nodiscard]] unsigned short port() const override { return guest_acceptor_.local_endpoint().port(); }

 private:
  /// The clock of the service may be set while a timer runs: it is asked again after an hour.
  void attend_to_chore() {
    const auto time = chore_.has_time();
    if (!time) return;
    chore_timer_.expires_after(std::min<std::chrono::milliseconds>(*time, std::chrono::hours(1)));
    chore_timer_.async_wait([this](beast::error_code cancelled) {
      if (cancelled) return;
      if (const auto left = chore_.has_time(); left && left->count() == 0) return do_chore();
      attend_to_chore();
    });
  }
  void do_chore() {
    Pending piece = chore_.begin();
    piece.finish = [this, finish = std::move(piece.finish)](const std::exception_ptr& problem) {
      Response nobodys = finish(problem);
      attend_to_chore();
      return nobodys;
    };
    undertake(std::move(piece));
  }
  void accept_guests() {
    guest_acceptor_.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (!error && open_.total < options_.most_connections) serve_guest(std::move(socket));
      again(guest_retry_, error, [this] { accept_guests(); });
    });
  }
  void serve_guest(tcp::socket socket) {
    beast::error_code error;
    const tcp::endpoint peer = socket.remote_endpoint(error);
    if (error) return;
    const std::string source = peer.address().to_string();
    const auto open = open_.of.find(source);
    if (open != open_.of.end() && open->second >= options_.most_per_source) return;
    auto connection = std::make_shared<Connection<TlsStream>>(
        TlsStream(std::move(socket), tls_), guests_,
        ConnectionLimits{std::chrono::seconds(options_.request_seconds), source, open_, work_});
    connection->shake_hands();
  }
  void accept_administrators() {
    admin_acceptor_.async_accept([this](beast::error_code error, Local::socket socket) {
      if (!error && is_administrator(socket.native_handle())) {
        std::make_shared<Connection<LocalStream>>(
            LocalStream(std::move(socket)), administrator_,
            ConnectionLimits{std::chrono::seconds(options_.request_seconds), "admin", admin_open_, work_})
            ->read();
      }
      again(admin_retry_, error, [this] { accept_administrators(); });
    });
  }
  /// Accepts on; after an error, such as no file descriptors left, a little later.
  template <typename Accept>
  void again(asio::steady_timer& timer, beast::error_code error, Accept accept) {
    if (!error) return accept();
    timer.expires_after(std::chrono::milliseconds(100));
    timer.async_wait([accept](beast::error_code cancelled) {
      if (!cancelled) accept();
    });
  }

  ServerOptions options_;
  asio::ssl::context tls_;
  RequestHandler& guests_;
  RequestHandler& administrator_;
  OpenConnections open_;
  OpenConnections admin_open_;
  asio::io_context io_{1};
  tcp::acceptor guest_acceptor_{io_};
  Local::acceptor admin_acceptor_{io_};
  asio::steady_timer guest_retry_{io_};
  asio::steady_timer admin_retry_{io_};
  struct Chore {
    std::function<std::optional<std::chrono::milliseconds>()> has_time;
    std::function<Pending()> begin;
  };
  Chore chore_;
  asio::steady_timer chore_timer_{io_};
  asio::signal_set signals_{io_, SIGTERM, SIGINT};
  /// Ends first: what it does may still tell io_. Guests wait half a minute for an answer, the wait for others
  /// included.
  WorkQueue work_{options_.most_pending,
                  {std::chrono::milliseconds(options_.pending_milliseconds),
                   std::chrono::milliseconds(options_.working_milliseconds)}};
};

}  // namespace

std::unique_ptr<Server> make_server(ServerOptions options, RequestHandler& guests, RequestHandler& administrator) {
  return std::make_unique<BoostServer>(std::move(options), guests, administrator);
}

}  // namespace attestation
