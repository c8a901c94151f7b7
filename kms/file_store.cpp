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

/// The file under the key before this one; nullptr when it does not open under that either.
std::unique_ptr<FileRecords> open_under_previous(const FileRecordsOptions& options, const KeyChange& change) {
  try {
    return open_file_records(options, change.previous);
  } catch (const base::Error&) {
    return nullptr;  // why it does not open under its own key is what matters
  }
}

}  // namespace

OpenedRecords open_records_under_either(const FileRecordsOptions& options, KeyWrapper& wrapper,
                                        const std::optional<KeyChange>& change) {
  try {
    return {open_file_records(options, wrapper), false};
  } catch (const base::Error&) {
    std::unique_ptr<FileRecords> records = change ? open_under_previous(options, *change) : nullptr;
    if (!records) throw;
    records->change_key(wrapper, change->handle);
    return {std::move(records), true};
  }
}

FileStore open_store_of_handles(const FileStoreOptions& options, KeyEncryptionKeys keys,
                                std::unique_ptr<KeyMaterial> material) {
  const std::unique_ptr<KeyWrapper> wrapper = make_key_wrapper(std::move(keys.current));
  if (!keys.previous) return open_file_store(options, *wrapper, std::move(material));
  const std::unique_ptr<KeyWrapper> previous = make_key_wrapper(*std::move(keys.previous));
  const auto same = [](const MaterialId&, base::Bytes handle) { return base::buffer_of(handle); };
  return open_file_store(options, *wrapper, std::move(material), KeyChange{*previous, same});
}

FileStore open_file_store(const FileStoreOptions& options, KeyWrapper& wrapper, std::unique_ptr<KeyMaterial> material,
                          const std::optional<KeyChange>& change) {
  make_private_file(options.path);
  OpenedRecords opened =
      open_records_under_either({options.path, options.tenant, options.noted_generation, nullptr}, wrapper, change);
  FileRecords& file = *opened.records;
  return {{options.tenant, std::move(opened.records), std::move(material)}, file, opened.key_changed};
}

}  // namespace kms
