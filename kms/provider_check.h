#pragma once
#include <string>
#include <vector>

#include "kms/connection.h"
#include "kms/key_store.h"
#include "kms/open_connection.h"

namespace kms {

struct CheckFinding {
  std::string check;  ///< "refused outside its mounts: sys/mounts"
  bool passed = false;
  std::string got;
};

struct CheckOptions {
  std::vector<std::string> foreign;  ///< what must be refused: namespaces of an OpenBao, objects of a KMIP server
  bool try_key = false;              ///< make a key, use it, destroy it; its record stays
  std::string folder;                ///< of the connection's document: relative paths begin there
};

struct CheckedKey {
  KeyName name;
  KeyStatus status;
};

struct CheckReport {
  std::string provider;
  std::vector<CheckFinding> findings;
  std::vector<CheckedKey> keys;
};

/// Whether the provider can be reached, whether the credential is refused what is not its own, and whether each key's
/// release rule lets anybody and nobody else in. A provider that fails is a finding.
CheckReport check_provider(const Connection& connection, const CheckOptions& options, const Transports& transports);

}  // namespace kms
