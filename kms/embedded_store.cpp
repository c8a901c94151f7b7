#include "kms/embedded_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/error.h"
#include "base/posix_files.h"
#include "kms/wrapped_material.h"

namespace kms {

void make_private_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0 && errno != EEXIST)
    throw base::Error(base::Kind::failure, "cannot make " + path + ": " + std::generic_category().message(errno));
  if (file >= 0) ::close(file);
}

FileStore open_embedded_store(const EmbeddedOptions& options) {
  const base::Secret text = base::read_secret_file(options.key_file);
  const std::shared_ptr<KeyWrapper> wrapper =
      make_key_wrapper(parse_key_encryption_key(text.view(), "key-encryption key " + options.key_file));
  make_private_file(options.path);
  auto records = open_file_records({options.path, options.tenant, options.noted_generation, nullptr}, *wrapper);
  const std::uint64_t generation = records->generation();
  return {{options.tenant, std::move(records), make_wrapped_material("embedded " + options.path, wrapper)}, generation};
}

}  // namespace kms
