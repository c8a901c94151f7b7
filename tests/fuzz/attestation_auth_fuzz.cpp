// room: attestation
#include <cstddef>
#include <cstdint>

#include "attestation/wire/kbs_messages.h"
#include "base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto message = attestation::wire::AuthRequest::parse(text);
    if (attestation::wire::AuthRequest::parse(message.text()).tee != message.tee) __builtin_trap();
    attestation::wire::Challenge::parse(text);
  } catch (const base::Error&) {  // the expected answer to bad input
  }
  return 0;
}
