#include "provisioner/temporary_directory.h"

#include <stdlib.h>  // mkdtemp is POSIX, not C++

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "base/error.h"

namespace provisioner {

TemporaryDirectory::TemporaryDirectory() {
  const char* const root = std::getenv("TMPDIR");
  path_ = std::string(root == nullptr || *root == '\0' ? "/tmp" : root) + "/bulkhead-XXXXXX";
  if (::mkdtemp(path_.data()) == nullptr)
    throw base::Error(base::Kind::host, "cannot make a directory like " + path_ + ": " + std::strerror(errno));
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace provisioner
