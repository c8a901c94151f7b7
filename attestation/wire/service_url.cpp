#include "attestation/wire/http_client.h"
#include "base/initdata.h"

namespace attestation::wire {

base::HttpsUrl parse_service_url(std::string_view text) {
  base::HttpsUrl url = base::parse_https_url(text, "service URL");
  base::parse_ipv4(url.host, "service URL");
  return url;
}

}  // namespace attestation::wire
