#include "base/posix_file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace base {
namespace {

/// Whether `path` still names the open file: its last holder may have removed it between our open and our lock.
bool names(const std::string& path, int file) {
  struct stat there{}, ours{};
  return ::stat(path.c_str(), &there) == 0 && ::fstat(file, &ours) == 0 && there.st_ino == ours.st_ino &&
         there.st_dev == ours.st_dev;
}

std::string holder(int file) {
  std::array<char, 24> text{};
  const ssize_t size = ::pread(file, text.data(), text.size(), 0);
  return size > 0 ? " (process " + std::string(text.data(), static_cast<std::size_t>(size)) + ")" : std::string();
}

void write_holder(int file) {
  const std::string text = std::to_string(::getpid());
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, text.data(), text.size(), 0) < 0)
    return;  // the lock holds; only the message of who waits is poorer
}

}  // namespace

FileLock::FileLock(std::string path, const std::string& what) : path_(std::move(path)) {
  while (true) {
    file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file_ < 0) throw Error(Kind::failure, "cannot make the lock " + path_ + ": " + std::strerror(errno));
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
      const std::string message = errno == EWOULDBLOCK ? what + holder(file_) + " holds the lock " + path_ +
                                                             "; run this again when it has ended"
                                                       : "cannot lock " + path_ + ": " + std::strerror(errno);
      ::close(file_);
      throw Error(Kind::failure, message);
    }
    if (names(path_, file_)) break;
    ::close(file_);
  }
  write_holder(file_);
}

FileLock::~FileLock() {
  ::unlink(path_.c_str());
  ::close(file_);
}

}  // namespace base
