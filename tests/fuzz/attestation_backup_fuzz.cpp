// room: attestation
#include <cstddef>
#include <cstdint>

#include "attestation/backup.h"
#include "base/error.h"

/// The input as a backup, and as the files of a backup that was sealed to the right key.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const base::PrivateKey key = base::PrivateKey::generate(base::PrivateKey::Type::p256);
  const base::Bytes input{data, size};
  try {
    attestation::opened_backup(input, key);
    __builtin_trap();             // nobody seals to this key but the lines below
  } catch (const base::Error&) {  // the expected answer
  }
  attestation::Backup backup;
  backup.tenant = "acme";
  backup.files = {{"service.sqlite", base::TarMember::Type::file, 0600, base::text_of(input)}};
  if (attestation::opened_backup(attestation::sealed_backup(backup, key.public_key()), key).files != backup.files) {
    __builtin_trap();
  }
  return 0;
}
