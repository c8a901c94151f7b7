#pragma once
#include <string>

#include "cli/console.h"

namespace cli {

/// Opens the note that a guest left in a volume's header for its tenant's owners.
struct RecoverOptions {
  std::string note;  ///< as `cryptsetup token export` prints it
  std::string key;   ///< OWNER-RECOVERY.key
  std::string out;   ///< must not exist
};
/// Writes the 32 bytes that open the volume.
int recover_key(const RecoverOptions& options, Console& console);

}  // namespace cli
