#pragma once
#include <optional>
#include <string>
#include <utility>

#include "base/digest.h"
#include "base/secret.h"

/// Files, for the shells of rooms and the CLI; pure rooms are given bytes.
namespace base {

/// The whole file. @throws Error{failure} "cannot read PATH: reason" @throws Error{malformed} when larger than `limit`
std::string read_file(const std::string& path, std::size_t limit = 1U << 30U);
/// nullopt when there is no such file.
std::optional<std::string> read_file_if_any(const std::string& path, std::size_t limit = 1U << 30U);
/// A whole file mapped read-only: its pages are the kernel's cache, not memory of this process. Somebody who shortens
/// the file meanwhile ends the process (SIGBUS), so map only what its owner leaves alone. Pipes and devices are read.
class MappedFile {
 public:
  /// @throws Error{failure} "cannot read PATH: reason" @throws Error{malformed} when larger than `limit`
  explicit MappedFile(const std::string& path, std::size_t limit = 1U << 30U);
  MappedFile(MappedFile&& other) noexcept : mapped_(std::exchange(other.mapped_, {})), read_(std::move(other.read_)) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(mapped_, other.mapped_);
    std::swap(read_, other.read_);
    return *this;
  }
  ~MappedFile();
  [[nodiscard]] Bytes bytes() const noexcept { return mapped_.empty() ? Bytes(read_) : mapped_; }

 private:
  Bytes mapped_;
  Buffer read_;
};
/// SHA-256 of a file of any size, read in blocks.
Sha256 file_sha256(const std::string& path);
/// Writes beside, syncs and renames: readers see the old text or the new, never half. @param mode e.g. 0644, 0600
void write_file_atomically(const std::string& path, Bytes content, unsigned mode);
inline void write_file_atomically(const std::string& path, std::string_view text, unsigned mode) {
  write_file_atomically(path, bytes_of(text), mode);
}
/// As above for secrets: refuses to replace an existing file.
void write_new_secret_file(const std::string& path, const Secret& secret);
/// A secret file's content. @throws Error{failure} when others than its owner may read it
Secret read_secret_file(const std::string& path);

}  // namespace base
