// room: attestation
#include <cstddef>
#include <cstdint>

#include "attestation/wire/kbs_messages.h"
#include "attestation/wire/tpm_evidence.h"
#include "base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto message = attestation::wire::AttestRequest::parse(text);
    if (attestation::wire::AttestRequest::parse(message.text()).text() != message.text()) __builtin_trap();
    const auto evidence = attestation::wire::TpmEvidence::parse(message.primary_evidence);
    if (attestation::wire::TpmEvidence::parse(evidence.json()) != evidence) __builtin_trap();
  } catch (const base::Error&) {  // the expected answer to bad input
  }
  return 0;
}
