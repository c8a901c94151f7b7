#include "kms/file_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/error.h"
#include "base/posix_files.h"
#include "kms/kmip_material.h"
#include "kms/token_key_wrapper.h"
#include "kms/wrapped_material.h"

namespace kms {
namespace {

/// Makes the file empty when there is none, so that a database never has another mode.
void make_private_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0 && errno != EEXIST)
    throw base::Error(base::Kind::failure, "cannot make " + path + ": " + std::generic_category().message(errno));
  if (file >= 0) ::close(file);
}

FileStore open_store(const FileStoreOptions& options, KeyWrapper& wrapper, std::unique_ptr<KeyMaterial> material) {
  make_private_file(options.path);
  auto records = open_file_records({options.path, options.tenant, options.noted_generation, nullptr}, wrapper);
  const std::uint64_t generation = records->generation();
  return {{options.tenant, std::move(records), std::move(material)}, generation};
}

std::shared_ptr<KeyWrapper> wrapper_of_file(const std::string& key_file) {
  const base::Secret text = base::read_secret_file(key_file);
  return make_key_wrapper(parse_key_encryption_key(text.view(), "key-encryption key " + key_file));
}

}  // namespace

FileStore open_embedded_store(const FileStoreOptions& options, const std::string& key_file) {
  const std::shared_ptr<KeyWrapper> wrapper = wrapper_of_file(key_file);
  return open_store(options, *wrapper, make_wrapped_material("embedded " + options.path, wrapper));
}

FileStore open_token_store(const FileStoreOptions& options, const std::string& uri) {
  const std::shared_ptr<KeyWrapper> wrapper = make_token_key_wrapper(uri);
  return open_store(options, *wrapper, make_wrapped_material("pkcs11 " + options.path, wrapper));
}

FileStore open_kmip_store(const FileStoreOptions& options, const std::string& key_file, KmipClient client) {
  return open_store(options, *wrapper_of_file(key_file), make_kmip_material(std::move(client)));
}

}  // namespace kms
