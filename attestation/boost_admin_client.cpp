#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>

#include "attestation/admin_client.h"
#include "attestation/guest_name.h"
#include "attestation/wire/http_client.h"
#include "attestation/wire/kbs_messages.h"
#include "base/encoding.h"
#include "base/error.h"

namespace attestation {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Local = asio::local::stream_protocol;

constexpr std::chrono::seconds timeout{10};
constexpr std::chrono::seconds key_store_timeout{600};  ///< a KMS is asked about each key, after the guests' requests
constexpr std::uint64_t largest_backup = 1U << 28U;

/// How the administrator's requests get to the service.
class Transport {
 public:
  virtual ~Transport() = default;
  /// @param patience for the whole exchange
  virtual wire::HttpResponse exchange(http::verb verb, const std::string& path, std::string body,
                                      std::uint64_t most_bytes, std::chrono::seconds patience) = 0;
};

/// Over the Unix socket, with a connection for each request.
class SocketTransport final : public Transport {
 public:
  explicit SocketTransport(std::string socket) : socket_(std::move(socket)) {}

  wire::HttpResponse exchange(http::verb verb, const std::string& path, std::string body, std::uint64_t most_bytes,
                              std::chrono::seconds patience) override {
    asio::io_context io;
    Stream stream(io);
    http::request<http::string_body> request{verb, path, 11, std::move(body)};
    request.set(http::field::host, "localhost");
    request.keep_alive(false);
    request.prepare_payload();
    http::response_parser<http::string_body> parser;
    parser.body_limit(most_bytes);
    beast::flat_buffer buffer;
    stream.expires_after(patience);
    awaited(io, [&](auto done) { stream.async_connect(Local::endpoint(socket_), std::move(done)); });
    awaited(io, [&](auto done) { http::async_write(stream, request, std::move(done)); });
    awaited(io, [&](auto done) { http::async_read(stream, buffer, parser, std::move(done)); });
    return {parser.get().result_int(), std::move(parser.get().body())};
  }

 private:
  using Stream = beast::basic_stream<Local>;

  template <typename Start>
  void awaited(asio::io_context& io, Start start) {
    beast::error_code result;
    start([&result](beast::error_code error, auto...) { result = error; });
    io.restart();
    io.run();
    if (result) throw base::Error(base::Kind::host, "attestation service at " + socket_ + ": " + result.message());
  }

  std::string socket_;
};

/// Over TLS, as an owner.
class OwnerTransport final : public Transport {
 public:
  explicit OwnerTransport(std::unique_ptr<wire::OwnerHttpClient> client) : client_(std::move(client)) {}

  wire::HttpResponse exchange(http::verb verb, const std::string& path, std::string body, std::uint64_t most_bytes,
                              std::chrono::seconds patience) override {
    client_->be_patient(patience);
    return client_->send(std::string(http::to_string(verb)), path, body, most_bytes, {});
  }

 private:
  std::unique_ptr<wire::OwnerHttpClient> client_;
};

class BoostAdminClient final : public AdminClient {
 public:
  explicit BoostAdminClient(std::unique_ptr<Transport> transport) : transport_(std::move(transport)) {}

  ServiceState state() override { return ServiceState::parse(answered(http::verb::get, "/v1/state", "")); }
  void put_approval(std::string_view envelope) override {
    answered(http::verb::put, "/v1/approval", std::string(envelope));
  }
  void enrol(const std::string& guest, base::Bytes key) override {
    answered(http::verb::put, guest_path(guest, "/key"),
             base::Json(base::Json::Object{{"akPublic", base::base64(key)}}).compact());
  }
  void revoke(const std::string& guest) override { answered(http::verb::delete_, guest_path(guest, "/key"), ""); }
  std::string evidence(const std::string& guest) override {
    return answered(http::verb::get, guest_path(guest, "/evidence"), "");
  }
  std::string rotate_token_key(const base::Secret& document) override {
    const std::string answer = answered(http::verb::put, "/v1/token-key", base::text_of(document.view()));
    return base::Json::parse(answer, "answer").at("tokenKey").text();
  }
  std::string backup(const std::string& recipient) override {
    const base::Json request = base::Json::Object{{"recipient", recipient}};
    return answered(http::verb::post, "/v1/backup", request.compact(), largest_backup, key_store_timeout);
  }
  void put_revocation(const Revocation& revocation) override {
    answered(http::verb::put, "/v1/revocations", revocation.json().compact());
  }
  void lift_revocation(const Revocation& revocation) override {
    answered(http::verb::delete_, "/v1/revocations", revocation.json().compact());
  }
  std::vector<KeyStanding> rotate_keys(const KeyNames& names) override {
    return keys_in(about_keys(http::verb::put, "/v1/rotations", message_about(names)));
  }
  std::vector<KeyStanding> abandon_rotations(const KeyNames& names) override {
    return keys_in(about_keys(http::verb::delete_, "/v1/rotations", message_about(names)));
  }
  std::vector<KeyStanding> settle_keys() override { return keys_in(about_keys(http::verb::put, "/v1/erasures", "")); }
  ShreddedKeys shred_keys() override {
    const base::Json answer = base::Json::parse(about_keys(http::verb::delete_, "/v1/keys", ""), "destroyed keys");
    ShreddedKeys shredded{{}, answer.at("statement").text()};
    for (const base::Json& name : answer.at("destroyed").array()) shredded.names.push_back(name.text());
    return shredded;
  }

  void reload_collateral() override { answered(http::verb::put, "/v1/collateral", ""); }

 private:
  static std::string guest_path(const std::string& guest, const char* what) {
    return "/v1/guests/" + path_segment_of(guest) + what;
  }

  static std::string message_about(const KeyNames& names) {
    base::Json keys = "all";
    if (names) keys = base::Json::Array(names->begin(), names->end());
    return base::Json(base::Json::Object{{"keys", std::move(keys)}}).compact();
  }
  static std::vector<KeyStanding> keys_in(const std::string& answer) {
    const base::Json message = base::Json::parse(answer, "keys");
    std::vector<KeyStanding> keys;
    for (const base::Json& key : message.at("keys").array()) keys.push_back(KeyStanding::parse(key));
    return keys;
  }

  std::string about_keys(http::verb verb, const std::string& path, std::string body) {
    return answered(verb, path, std::move(body), wire::body_limit, key_store_timeout);
  }
  std::string answered(http::verb verb, const std::string& path, std::string body,
                       std::uint64_t limit = wire::body_limit, std::chrono::seconds patience = timeout) {
    wire::HttpResponse response = transport_->exchange(verb, path, std::move(body), limit, patience);
    if (response.status == 200) return std::move(response.body);
    throw base::Error(base::Kind::failure, "attestation service: " + reason(response));
  }

  static std::string reason(const wire::HttpResponse& response) {
    try {
      return base::Json::parse(response.body, "error").at("error").text();
    } catch (const base::Error&) {
      return "HTTP status " + std::to_string(response.status);
    }
  }

  std::unique_ptr<Transport> transport_;
};

}  // namespace

std::unique_ptr<AdminClient> make_admin_client(std::string socket) {
  return std::make_unique<BoostAdminClient>(std::make_unique<SocketTransport>(std::move(socket)));
}

std::unique_ptr<AdminClient> make_owner_client(std::string_view url, std::string_view ca,
                                               const wire::ClientIdentity& identity) {
  auto client = wire::make_owner_https_client(url, ca, identity, static_cast<unsigned>(timeout.count()));
  return std::make_unique<BoostAdminClient>(std::make_unique<OwnerTransport>(std::move(client)));
}

}  // namespace attestation
