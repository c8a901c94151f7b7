#include <charconv>

#include "attestation/wire/http_client.h"
#include "base/error.h"

namespace attestation::wire {
namespace {

bool is_ipv4(std::string_view text) {
  unsigned parts = 0;
  while (parts < 4) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto digits = static_cast<std::size_t>(end - text.data());
    if (error != std::errc() || value > 255 || (digits > 1 && text.front() == '0')) return false;
    text.remove_prefix(digits);
    if (++parts == 4) break;
    if (text.empty() || text.front() != '.') return false;
    text.remove_prefix(1);
  }
  return text.empty();
}

}  // namespace

HttpsEndpoint HttpsEndpoint::parse(std::string_view url) {
  constexpr std::string_view scheme = "https://";
  const std::string_view rest = url.substr(0, scheme.size()) == scheme ? url.substr(scheme.size()) : "";
  const std::size_t colon = rest.find(':');
  if (colon != std::string_view::npos && is_ipv4(rest.substr(0, colon))) {
    const std::string_view digits = rest.substr(colon + 1);
    unsigned short port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error == std::errc() && end == digits.data() + digits.size() && port != 0) {
      return {std::string(rest.substr(0, colon)), port};
    }
  }
  throw base::Error(base::Kind::malformed,
                    "service URL: wanted https://ADDRESS:PORT with an IPv4 address, got '" + std::string(url) + "'");
}

}  // namespace attestation::wire
