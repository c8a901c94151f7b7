#include "kms/file_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/error.h"

namespace kms {
namespace {

/// Makes the file empty when there is none, so that a database never has another mode.
void make_private_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0 && errno != EEXIST)
    throw base::Error(base::Kind::failure, "cannot make " + path + ": " + std::generic_category().message(errno));
  if (file >= 0) ::close(file);
}

}  // namespace

FileStore open_file_store(const FileStoreOptions& options, KeyWrapper& wrapper, std::unique_ptr<KeyMaterial> material) {
  make_private_file(options.path);
  auto records = open_file_records({options.path, options.tenant, options.noted_generation, nullptr}, wrapper);
  FileRecords& file = *records;
  return {{options.tenant, std::move(records), std::move(material)}, file};
}

}  // namespace kms
