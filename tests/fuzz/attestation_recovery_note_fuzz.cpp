// room: attestation
#include <cstddef>
#include <cstdint>

#include "attestation/wire/recovery_note.h"
#include "base/error.h"

/// Whoever has a disk writes such notes; an owner opens them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto owner = base::PrivateKey::generate(base::PrivateKey::Type::p256);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    attestation::wire::recovery_recipients(text);
    attestation::wire::open_recovery_note(text, owner);
  } catch (const base::Error&) {  // the expected answer to bad input
  }
  return 0;
}
