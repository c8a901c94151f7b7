#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <chrono>
#include <optional>

#include "attestation/wire/http_client.h"
#include "attestation/wire/kbs_messages.h"
#include "base/error.h"

namespace attestation::wire {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Stream = beast::ssl_stream<beast::tcp_stream>;

asio::ssl::context pinned(std::string_view ca_pem) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  boost::system::error_code error;
  context.add_certificate_authority(asio::buffer(ca_pem.data(), ca_pem.size()), error);
  if (error) throw base::Error(base::Kind::malformed, "pinned CA: no PEM certificate: " + error.message());
  context.set_verify_mode(asio::ssl::verify_peer);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  return context;
}

void show(asio::ssl::context& context, const ClientIdentity& identity) {
  boost::system::error_code error;
  const base::Bytes key = identity.key.view();
  context.use_certificate_chain(asio::buffer(identity.certificate), error);
  if (!error) context.use_private_key(asio::buffer(key.data(), key.size()), asio::ssl::context::pem, error);
  if (error) throw base::Error(base::Kind::malformed, "own certificate and key: " + error.message());
}

/// Keeps one connection for the three requests of an exchange.
class HttpsClient final : public OwnerHttpClient {
 public:
  HttpsClient(const char* what, base::HttpsUrl endpoint, asio::ssl::context tls, unsigned timeout_seconds)
      : what_(what),
        endpoint_(std::move(endpoint)),
        tls_(std::move(tls)),
        timeout_(timeout_seconds),
        patience_(timeout_seconds) {}

  HttpResponse post(std::string_view path, std::string_view json) override {
    Request request = made(http::verb::post, path);
    request.set(http::field::content_type, "application/json");
    request.body() = std::string(json);
    return answered(std::move(request), body_limit);
  }
  HttpResponse get(std::string_view path) override { return answered(made(http::verb::get, path), body_limit); }
  HttpResponse send(const std::string& method, std::string_view path, std::string_view json, std::size_t most_bytes,
                    const HttpHeaders& headers) override {
    Request request = made(http::string_to_verb(method), path);
    for (const auto& [name, value] : headers) request.set(name, value);
    if (!json.empty()) request.set(http::field::content_type, "application/json");
    request.body() = std::string(json);
    return answered(std::move(request), most_bytes);
  }
  void be_patient(std::chrono::seconds patience) override { patience_ = patience; }

 private:
  using Request = http::request<http::string_body>;

  Request made(http::verb verb, std::string_view path) const {
    Request request{verb, beast::string_view(path.data(), path.size()), 11};
    request.set(http::field::host, endpoint_.host + ":" + std::to_string(endpoint_.port));
    if (!cookie_.empty()) request.set(http::field::cookie, cookie_);
    return request;
  }

  HttpResponse answered(Request request, std::size_t most_bytes) {
    request.prepare_payload();
    if (!stream_) connect();
    beast::get_lowest_layer(*stream_).expires_after(patience_);
    awaited("send the request", [&](auto done) { http::async_write(*stream_, request, std::move(done)); });
    http::response_parser<http::string_body> parser;
    parser.body_limit(most_bytes);
    beast::flat_buffer buffer;
    awaited("read the answer", [&](auto done) { http::async_read(*stream_, buffer, parser, std::move(done)); });
    remember_cookie(parser.get());
    if (!parser.get().keep_alive()) stream_.reset();
    return {parser.get().result_int(), std::move(parser.get().body())};
  }

  void connect() {
    stream_.emplace(io_, tls_);
    X509_VERIFY_PARAM* const expected = SSL_get0_param(stream_->native_handle());
    X509_VERIFY_PARAM_set1_ip_asc(expected, endpoint_.host.c_str());
    beast::get_lowest_layer(*stream_).expires_after(timeout_);
    const asio::ip::tcp::endpoint where(asio::ip::make_address(endpoint_.host), endpoint_.port);
    awaited("connect", [&](auto done) { beast::get_lowest_layer(*stream_).async_connect(where, std::move(done)); });
    awaited("set up TLS",
            [&](auto done) { stream_->async_handshake(asio::ssl::stream_base::client, std::move(done)); });
  }

  /// Starts one asynchronous operation and runs it to its end; Beast's timeout only works on those.
  template <typename Start>
  void awaited(const char* what, Start start) {
    beast::error_code result;
    start([&result](beast::error_code error, auto...) { result = error; });
    io_.restart();
    io_.run();
    if (!result) return;
    stream_.reset();
    throw base::Error(base::Kind::host,
                      std::string(what_) + " " + endpoint_.text() + ": cannot " + what + ": " + result.message());
  }

  /// Keeps NAME=VALUE of the last Set-Cookie; the service has one cookie, kbs-session-id.
  void remember_cookie(const http::response<http::string_body>& response) {
    const auto found = response.find(http::field::set_cookie);
    if (found == response.end()) return;
    const std::string value(found->value().data(), found->value().size());
    cookie_ = value.substr(0, value.find(';'));
  }

  const char* what_;
  base::HttpsUrl endpoint_;
  asio::io_context io_;
  asio::ssl::context tls_;
  std::chrono::seconds timeout_, patience_;
  std::optional<Stream> stream_;
  std::string cookie_;
};

constexpr const char* service = "attestation service";

std::unique_ptr<OwnerHttpClient> with_identity(const char* what, std::string_view url, std::string_view ca_pem,
                                               const ClientIdentity& identity, unsigned timeout_seconds) {
  asio::ssl::context tls = pinned(ca_pem);
  show(tls, identity);
  return std::make_unique<HttpsClient>(what, parse_service_url(url), std::move(tls), timeout_seconds);
}

}  // namespace

std::unique_ptr<HttpClient> make_https_client(std::string_view url, std::string_view ca_pem, unsigned timeout_seconds) {
  return std::make_unique<HttpsClient>(service, parse_service_url(url), pinned(ca_pem), timeout_seconds);
}

std::unique_ptr<OwnerHttpClient> make_owner_https_client(std::string_view url, std::string_view ca_pem,
                                                         const ClientIdentity& identity, unsigned timeout_seconds) {
  return with_identity(service, url, ca_pem, identity, timeout_seconds);
}

std::unique_ptr<OwnerHttpClient> make_kms_https_client(std::string_view url, std::string_view ca_pem,
                                                       const ClientIdentity& identity, unsigned timeout_seconds) {
  return with_identity("KMS", url, ca_pem, identity, timeout_seconds);
}

}  // namespace attestation::wire
