// room: attestation
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "attestation/backup.h"
#include "base/error.h"
#include "tests/fuzz/chosen_few.h"

namespace {

/// What a backup with the input as its file reads back as, by way of the archive alone and, seldom, of the seal.
void read_back(base::Bytes input, const base::PrivateKey& key) {
  static const std::string line = R"({"schema":"bulkhead.service-backup/v1","tenant":"acme","time":1,"auditHead":")" +
                                  std::string(64, 'a') + R"(","recipient":"","key":"","nonce":"","tag":""})";
  attestation::Backup backup;
  backup.tenant = "acme";
  backup.files = {{"service.sqlite", base::TarMember::Type::file, 0600, base::text_of(input)}};
  if (attestation::unsealed_backup(line, base::tar_archive(backup.files)).files != backup.files) __builtin_trap();
  if (!fuzz::is_one_of_few(input)) return;  // a seal has a key of its own, which takes two thousand times as long
  if (attestation::opened_backup(attestation::sealed_backup(backup, key.public_key()), key).files != backup.files) {
    __builtin_trap();
  }
}

}  // namespace

/// The input as a backup, as what was in the seal of one, and as the file of an honest one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const base::PrivateKey key = base::PrivateKey::generate(base::PrivateKey::Type::p256);
  const base::Bytes input{data, size};
  try {
    attestation::opened_backup(input, key);
    __builtin_trap();             // nobody seals to this key but read_back()
  } catch (const base::Error&) {  // the expected answer
  }
  try {
    const auto end = std::find(input.begin(), input.end(), static_cast<std::uint8_t>('\n'));
    const auto length = static_cast<std::size_t>(end - input.begin());
    attestation::unsealed_backup(base::text_of(input.first(length)), input.subspan(std::min(length + 1, input.size())));
  } catch (const base::Error&) {  // the expected answer to bad input
  }
  read_back(input, key);
  return 0;
}
