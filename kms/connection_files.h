#pragma once
#include <functional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "kms/connection.h"

namespace kms {

/// Reads the files that a connection's document names: on this machine, or in a service's bundle.
struct ConnectionFiles {
  std::function<std::string(const std::string& name)> text;
  std::function<base::Secret(const std::string& name)> secret;  ///< one that only its owner may read
};
/// Where a name of a connection's document leads on this machine: relative ones begin at `folder`, which is the
/// document's own. @param folder "": the working directory
std::string path_of(const std::string& name, const std::string& folder);
/// Names are paths, see path_of(). @throws Error{failure} at each reading, for a secret also when others than its owner
/// may read it
ConnectionFiles files_on_disk(const std::string& folder);

struct NamedFile {
  std::string name;  ///< as the document writes it
  bool secret = false;
};
/// Every file of the owner's that the way to the provider needs: certificates, credentials, a PIN. Not a store's own.
std::vector<NamedFile> files_of(const Connection& connection);

}  // namespace kms
