// room: attestation
#include <cstddef>
#include <cstdint>

#include "attestation/approval.h"
#include "base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto approval = attestation::Approval::parse(text);
    if (attestation::Approval::parse(approval.json().compact()) != approval) __builtin_trap();
  } catch (const base::Error&) {  // the expected answer to bad input
  }
  return 0;
}
