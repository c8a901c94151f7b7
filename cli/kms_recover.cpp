#include "cli/kms_recover.h"

#include "attestation/wire/recovery_note.h"
#include "base/posix_files.h"

namespace cli {

int recover_key(const RecoverOptions& options, Console& console) {
  constexpr std::size_t largest_note = 1U << 16U;
  const std::string note = base::read_file(options.note, largest_note);
  const base::Secret pem = base::read_secret_file(options.key);
  const std::string_view text(reinterpret_cast<const char*>(pem.view().data()), pem.size());
  const base::Secret key = attestation::wire::open_recovery_note(note, base::PrivateKey::from_pem(text, options.key));
  base::write_new_secret_file(options.out, key);
  console.out << options.out << ": opens the volume (mode 0600; wipe it afterwards):\n"
              << "  cryptsetup open --key-file " << options.out << " DISK NAME\n";
  return 0;
}

}  // namespace cli
