// room: attestation
#include <cstddef>
#include <cstdint>

#include "attestation/saved_keys.h"
#include "base/error.h"
#include "tests/fuzz/chosen_few.h"

/// The input as saved keys, as what was in the seal of such, and as the file of honest ones.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const base::PrivateKey key = base::PrivateKey::generate(base::PrivateKey::Type::p256);
  const base::Bytes input{data, size};
  try {
    attestation::opened_saved_keys(input, key);
    __builtin_trap();             // nobody sealed it to this key
  } catch (const base::Error&) {  // the expected answer
  }
  try {
    const attestation::SecretFiles read = attestation::unsealed_keys(input);
    for (const base::TarMember& one : read.files)
      if (one.path.find('/') != std::string::npos || (one.mode != 0600 && one.mode != 0644)) __builtin_trap();
  } catch (const base::Error&) {  // the expected answer to bad input
  }
  const attestation::SecretFiles honest({{"owner.key", base::TarMember::Type::file, 0600, base::text_of(input)}});
  if (attestation::unsealed_keys(base::tar_archive(honest.files)).files != honest.files) __builtin_trap();
  if (!fuzz::is_one_of_few(input)) return 0;  // a seal has a key of its own
  if (attestation::opened_saved_keys(attestation::sealed_keys(honest, key.public_key()), key).files != honest.files)
    __builtin_trap();
  return 0;
}
