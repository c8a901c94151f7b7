#include <curl/curl.h>

#include <cstring>

#include "kms/curl_tls.h"
#include "kms/http.h"

namespace kms {
namespace {

constexpr std::size_t largest_answer = std::size_t{1} << 20U;

struct FreeList {
  void operator()(curl_slist* list) const noexcept {
    // They may hold a token.
    for (curl_slist* one = list; one != nullptr; one = one->next)
      base::wipe({reinterpret_cast<std::uint8_t*>(one->data), std::strlen(one->data)});
    curl_slist_free_all(list);
  }
};
using List = std::unique_ptr<curl_slist, FreeList>;

void append(List& list, const char* header) {
  curl_slist* const longer = curl_slist_append(list.get(), header);
  if (longer == nullptr) throw base::Error(base::Kind::host, "libcurl: out of memory");
  static_cast<void>(list.release());
  list.reset(longer);
}

List headers_of(const HttpRequest& request) {
  List list;
  for (const auto& [name, value] : request.headers) append(list, (name + ": " + value).c_str());
  append(list, "Content-Type: application/json");
  append(list, "Expect:");
  if (request.secret_header.first.empty()) return list;
  base::Buffer line = base::buffer_of(base::bytes_of(request.secret_header.first + ": "));
  line.reserve(line.size() + request.secret_header.second.size() + 1);
  base::append(line, request.secret_header.second.view());
  line.push_back(0);
  const base::Secret wiped(std::move(line));
  append(list, reinterpret_cast<const char*>(wiped.view().data()));
  return list;
}

/// An answer's body while it arrives; its place does not move, so no copy of it stays behind.
struct Body {
  base::Secret bytes{largest_answer};
  std::size_t size = 0;
};

std::size_t receive(char* data, std::size_t one, std::size_t count, void* to) {
  Body& body = *static_cast<Body*>(to);
  const std::size_t size = one * count;
  if (size > body.bytes.size() - body.size) return 0;
  std::memcpy(body.bytes.writable().data() + body.size, data, size);
  body.size += size;
  return size;
}

class CurlHttpTransport final : public HttpTransport {
 public:
  explicit CurlHttpTransport(TlsOptions options)
      : options_(std::move(options)), handle_(curl::make_handle(options_, "")) {}

  HttpAnswer exchange(const HttpRequest& request) override {
    CURL* const curl = handle_.get();
    const List headers = headers_of(request);
    const std::string url = "https://" + options_.host + ":" + std::to_string(options_.port) + request.path;
    Body body;
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    // On a connection that was kept open and died, libcurl sends again by itself, also what must not be sent twice.
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &receive);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    // A request without body must not keep that of the one before.
    curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    if (request.body.size() > 0) {
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.view().data());
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    const CURLcode code = curl_easy_perform(curl);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
    if (code != CURLE_OK) curl::fail(options_, code, was_sent());
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return {static_cast<unsigned>(status), base::Secret(base::buffer_of(body.bytes.view().first(body.size))),
            answered(request.wanted_headers)};
  }

 private:
  /// Whether bytes of the last request may have left: only after its TLS handshake.
  [[nodiscard]] bool was_sent() const {
    curl_off_t handshaken = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_APPCONNECT_TIME_T, &handshaken);
    return handshaken > 0;
  }

  [[nodiscard]] std::map<std::string, std::string> answered(const std::vector<std::string>& names) const {
    std::map<std::string, std::string> values;
    for (const std::string& name : names) {
      curl_header* header = nullptr;
      if (curl_easy_header(handle_.get(), name.c_str(), 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
        values[name] = header->value;
    }
    return values;
  }

  TlsOptions options_;
  curl::Handle handle_;
};

}  // namespace

std::unique_ptr<HttpTransport> make_http_transport(TlsOptions options) {
  return std::make_unique<CurlHttpTransport>(std::move(options));
}

}  // namespace kms
