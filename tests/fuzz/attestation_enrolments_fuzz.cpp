// room: attestation
#include <cstddef>
#include <cstdint>

#include "attestation/enrolments.h"
#include "base/error.h"

/// What is read is the same when it was written and is read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto read = attestation::Enrolments::parse(base::text_of({data, size}), "fuzz");
    if (attestation::Enrolments::parse(read.text(), "again") != read) __builtin_trap();
  } catch (const base::Error&) {
  }
  return 0;
}
