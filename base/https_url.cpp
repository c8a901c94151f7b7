#include "base/https_url.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"

namespace base {
namespace {

constexpr std::string_view scheme = "https://";
constexpr std::size_t longest_host = 253;  // RFC 1035 section 2.3.4

[[noreturn]] void fail(std::string_view name, std::string_view text) {
  throw Error(Kind::malformed, std::string(name) + ": got '" + std::string(text.substr(0, 300)) +
                                   "', wanted https://HOST or https://HOST:PORT");
}

bool is_host(std::string_view host) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'; };
  return !host.empty() && host.size() <= longest_host && std::all_of(host.begin(), host.end(), allowed) &&
         host.front() != '.' && host.front() != '-' && host.find("..") == host.npos;
}

}  // namespace

std::string HttpsUrl::text() const {
  return std::string(scheme) + host + (port == 443 ? "" : ":" + std::to_string(port));
}

HttpsUrl parse_https_url(std::string_view text, std::string_view name) {
  if (!text.starts_with(scheme)) fail(name, text);
  const std::string_view authority = text.substr(scheme.size());
  const std::size_t colon = authority.find(':');
  HttpsUrl url{.host = std::string(authority.substr(0, colon))};
  if (!is_host(url.host)) fail(name, text);
  if (colon == authority.npos) return url;
  const std::string_view digits = authority.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
  if (error != std::errc() || end != digits.data() + digits.size() || url.port == 0 || digits.front() == '0')
    fail(name, text);
  return url;
}

}  // namespace base
