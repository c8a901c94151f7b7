#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace base {

/// Where a service listens: "https://10.20.255.1:8443". No user, path, query or fragment.
struct HttpsUrl {
  std::string host;  ///< a dotted IPv4 address or a DNS name, lower case
  std::uint16_t port = 443;
  [[nodiscard]] std::string text() const;
  bool operator==(const HttpsUrl&) const = default;
};

/// @param name what holds the URL, for messages: "attestation.url"
/// @throws Error{malformed} unless `text` is https, a host of [a-z0-9.-] and an optional port of 1 to 65535
/// Source: RFC 3986 section 3.2, narrowed
HttpsUrl parse_https_url(std::string_view text, std::string_view name);

}  // namespace base
