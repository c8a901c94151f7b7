#include "base/posix_files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/crypto.h"
#include "base/error.h"
#include "base/posix_descriptor.h"

namespace base {
namespace {

[[noreturn]] void fail(const char* verb, const std::string& path) {
  throw Error(Kind::failure, std::string("cannot ") + verb + " " + path + ": " + std::strerror(errno));
}

std::size_t read_some(const Descriptor& file, std::span<std::uint8_t> to, const std::string& path) {
  for (;;) {
    const ssize_t count = ::read(file.get(), to.data(), to.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) fail("read", path);
  }
}

std::string read_all(const Descriptor& file, const std::string& path, std::size_t limit) {
  std::string content;
  std::array<std::uint8_t, 65536> block{};
  while (const std::size_t count = read_some(file, block, path)) {
    content.append(reinterpret_cast<const char*>(block.data()), count);
    if (content.size() > limit) {
      throw Error(Kind::malformed, path + ": larger than " + std::to_string(limit) + " bytes");
    }
  }
  return content;
}

void write_all(const Descriptor& file, Bytes content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t count = ::write(file.get(), content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("write", path);
    content = content.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace

std::string read_file(const std::string& path, std::size_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail("read", path);
  return read_all(file, path, limit);
}

std::optional<std::string> read_file_if_any(const std::string& path, std::size_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) return std::nullopt;
  if (file.get() < 0) fail("read", path);
  return read_all(file, path, limit);
}

MappedFile::MappedFile(const std::string& path, std::size_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) fail("read", path);
  if (!S_ISREG(status.st_mode)) {
    read_ = buffer_of(bytes_of(read_all(file, path, limit)));
    return;
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > limit) throw Error(Kind::malformed, path + ": larger than " + std::to_string(limit) + " bytes");
  if (size == 0) return;
  void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (start == MAP_FAILED) fail("map", path);
  mapped_ = {static_cast<const std::uint8_t*>(start), size};
}

MappedFile::~MappedFile() {
  if (!mapped_.empty()) ::munmap(const_cast<std::uint8_t*>(mapped_.data()), mapped_.size());
}

Sha256 file_sha256(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail("read", path);
  Hasher hasher(Hasher::Algorithm::sha256);
  Buffer block(1U << 20U);
  while (const std::size_t count = read_some(file, block, path)) hasher.update(Bytes(block).first(count));
  return Sha256::from(std::move(hasher).finish());
}

void write_file_atomically(const std::string& path, Bytes content, unsigned mode) {
  const std::string beside = path + ".new-" + std::to_string(::getpid());
  try {
    const Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (file.get() < 0) fail("create", beside);
    write_all(file, content, beside);
    if (::fchmod(file.get(), mode) != 0) fail("set the mode of", beside);
    if (::fsync(file.get()) != 0) fail("sync", beside);
    if (::rename(beside.c_str(), path.c_str()) != 0) fail("replace", path);
  } catch (const Error&) {
    ::unlink(beside.c_str());
    throw;
  }
}

void write_new_secret_file(const std::string& path, const Secret& secret) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.get() < 0 && errno == EEXIST)
    throw Error(Kind::failure, path + " exists already; a secret file is never replaced");
  if (file.get() < 0) fail("create", path);
  write_all(file, secret.view(), path);
  if (::fsync(file.get()) != 0) fail("sync", path);
}

Secret read_secret_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail("read", path);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) fail("look at", path);
  if ((status.st_mode & 077U) != 0) {
    throw Error(Kind::failure,
                path + ": others than its owner may read this secret file; wanted mode 0600 (chmod 600 " + path + ")");
  }
  constexpr std::size_t largest_secret = 1U << 20U;
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > largest_secret) throw Error(Kind::malformed, path + ": larger than 1 MiB, so no secret file of ours");
  Secret secret(size);
  std::size_t filled = 0;
  while (filled < size) {
    const std::size_t count = read_some(file, secret.writable().subspan(filled), path);
    if (count == 0) break;
    filled += count;
  }
  if (filled != size) throw Error(Kind::failure, path + ": changed while it was read");
  return secret;
}

}  // namespace base
