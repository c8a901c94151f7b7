#pragma once
#include <string>
#include <vector>

#include "cli/console.h"

namespace cli {

/// An owner's key files as one file sealed to a backup key (attestation/saved_keys.h).
struct SaveKeysOptions {
  std::vector<std::string> files;  ///< private ones with mode 0600; each is kept by its name without the path
  std::string to;                  ///< BACKUP.pub
  std::string out;                 ///< never replaced
};
int save_keys(const SaveKeysOptions& options, Console& console);

/// The files in it as they were, in a folder that was not there before.
struct RestoreKeysOptions {
  std::string from;
  std::string key;  ///< BACKUP.key
  std::string out;
};
int restore_keys(const RestoreKeysOptions& options, Console& console);

}  // namespace cli
