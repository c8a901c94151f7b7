#include "kms/curl_tls.h"

#include <curl/curl.h>

#include <mutex>

namespace kms::curl {
namespace {

template <typename Value>
void set(CURL* handle, CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(handle, option, value);
  if (code != CURLE_OK)
    throw base::Error(base::Kind::host, std::string("libcurl: cannot set an option: ") + curl_easy_strerror(code));
}

void set_blob(CURL* handle, CURLoption option, base::Bytes content) {
  curl_blob blob{const_cast<std::uint8_t*>(content.data()), content.size(), CURL_BLOB_NOCOPY};
  set(handle, option, &blob);
}

void initialize_once() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

}  // namespace

void Cleanup::operator()(CURL* handle) const noexcept {
  curl_easy_cleanup(handle);
}

Handle make_handle(const TlsOptions& options, const std::string& path) {
  initialize_once();
  Handle handle(curl_easy_init());
  if (!handle) throw base::Error(base::Kind::host, "libcurl: cannot make a handle");
  CURL* const curl = handle.get();
  set(curl, CURLOPT_URL, ("https://" + options.host + ":" + std::to_string(options.port) + path).c_str());
  set(curl, CURLOPT_PROTOCOLS_STR, "https");
  set(curl, CURLOPT_PROXY, "");
  set(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(curl, CURLOPT_NOSIGNAL, 1L);
  set(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(options.patience.count()));
  set(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  set(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  set(curl, CURLOPT_CAPATH, static_cast<char*>(nullptr));
  set(curl, CURLOPT_CAINFO, static_cast<char*>(nullptr));
  set_blob(curl, CURLOPT_CAINFO_BLOB, base::bytes_of(options.ca));
  if (!options.certificate.empty()) {
    set_blob(curl, CURLOPT_SSLCERT_BLOB, base::bytes_of(options.certificate));
    set_blob(curl, CURLOPT_SSLKEY_BLOB, options.private_key.view());
  }
  return handle;
}

void fail(const TlsOptions& options, int code, bool sent) {
  throw TransportError(
      options.host + ":" + std::to_string(options.port) + ": " + curl_easy_strerror(static_cast<CURLcode>(code)), sent);
}

}  // namespace kms::curl
