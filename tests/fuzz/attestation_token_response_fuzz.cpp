// room: attestation
#include <cstddef>
#include <cstdint>

#include "attestation/wire/http_client.h"
#include "attestation/wire/kbs_messages.h"
#include "base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    if (text.substr(0, 1) == "h") attestation::wire::parse_service_url(text);
    if (text.find("token") != text.npos) attestation::wire::TokenResponse::parse(text);
    attestation::wire::ErrorInformation::parse(text);
  } catch (const base::Error&) {  // the expected answer to bad input
  }
  return 0;
}
