// room: attestation
#include <cstddef>
#include <cstdint>

#include "attestation/hardware_policy.h"
#include "base/error.h"

/// What parses is written and read as the same policy.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto policy = attestation::HardwarePolicy::parse(base::Json::parse(text, "policy"));
    if (attestation::HardwarePolicy::parse(policy.json()) != policy) __builtin_trap();
  } catch (const base::Error&) {  // the expected answer to bad input
  }
  return 0;
}
