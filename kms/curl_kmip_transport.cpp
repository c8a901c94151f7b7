#include "kms/curl_kmip_transport.h"

#include <curl/curl.h>
#include <poll.h>

#include "kms/curl_tls.h"

namespace kms {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t largest_answer = std::size_t{1} << 20U;

/// A connected TLS stream with one deadline for all that is sent and received.
class Stream {
 public:
  explicit Stream(const TlsOptions& options)
      : options_(options), deadline_(Clock::now() + options.patience), handle_(curl::make_handle(options, "")) {
    curl_easy_setopt(handle_.get(), CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(handle_.get(), CURLOPT_SSL_ENABLE_ALPN, 0L);  // it is no HTTP
    if (const CURLcode code = curl_easy_perform(handle_.get()); code != CURLE_OK) curl::fail(options_, code, false);
    curl_easy_getinfo(handle_.get(), CURLINFO_ACTIVESOCKET, &socket_);
  }

  void send(base::Bytes bytes) {
    while (!bytes.empty()) {
      std::size_t count = 0;
      const CURLcode code = curl_easy_send(handle_.get(), bytes.data(), bytes.size(), &count);
      if (code == CURLE_AGAIN) {
        wait_for(POLLOUT);
      } else if (code != CURLE_OK) {
        curl::fail(options_, code, true);
      }
      bytes = bytes.subspan(count);
    }
  }

  void receive(std::span<std::uint8_t> bytes) {
    while (!bytes.empty()) {
      std::size_t count = 0;
      const CURLcode code = curl_easy_recv(handle_.get(), bytes.data(), bytes.size(), &count);
      if (code == CURLE_AGAIN) {
        wait_for(POLLIN);
        continue;
      }
      if (code != CURLE_OK) curl::fail(options_, code, true);
      if (count == 0) {
        throw TransportError(options_.host + ":" + std::to_string(options_.port) + ": the connection ended " +
                                 std::to_string(bytes.size()) + " bytes before the end of the answer",
                             true);
      }
      bytes = bytes.subspan(count);
    }
  }

 private:
  void wait_for(short events) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
    pollfd poll{socket_, events, 0};
    if (left <= 0 || ::poll(&poll, 1, static_cast<int>(left)) == 0)
      curl::fail(options_, CURLE_OPERATION_TIMEDOUT, true);
  }

  const TlsOptions& options_;
  Clock::time_point deadline_;
  curl::Handle handle_;
  curl_socket_t socket_ = CURL_SOCKET_BAD;
};

class CurlKmipTransport final : public KmipTransport {
 public:
  explicit CurlKmipTransport(TlsOptions options) : options_(std::move(options)) {}
  base::Secret exchange(base::Bytes request) override {
    Stream stream(options_);
    stream.send(request);
    base::Secret head(ttlv_head_size);
    stream.receive(head.writable());
    base::Secret answer(ttlv_message_size(head.view(), kmip_response_message, largest_answer));
    std::copy(head.view().begin(), head.view().end(), answer.writable().begin());
    stream.receive(answer.writable().subspan(ttlv_head_size));
    return answer;
  }

 private:
  TlsOptions options_;
};

}  // namespace

std::unique_ptr<KmipTransport> make_kmip_transport(TlsOptions options) {
  return std::make_unique<CurlKmipTransport>(std::move(options));
}

}  // namespace kms
