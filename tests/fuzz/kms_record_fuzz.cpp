// room: kms
#include <cstdlib>

#include "base/error.h"
#include "kms/key_record.h"

/// What was read is written and read again as the same record.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const kms::KeyRecord once = kms::parse_record({reinterpret_cast<const char*>(data), size}, "record");
    if (kms::parse_record(kms::record_text(once), "again") != once) std::abort();
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
