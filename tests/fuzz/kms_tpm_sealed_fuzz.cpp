// room: kms
#include <cstdlib>

#include "base/error.h"
#include "kms/tpm_sealed_file.h"

/// What parses is written as a document that parses to the same, and known for what it is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const std::string again = kms::parse_tpm_sealed(text, "sealed").text();
    if (!kms::is_tpm_sealed(base::bytes_of(again))) std::abort();
    if (kms::parse_tpm_sealed(again, "sealed").text() != again) std::abort();
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
