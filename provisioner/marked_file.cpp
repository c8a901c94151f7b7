#include "provisioner/marked_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/crypto.h"
#include "base/error.h"

namespace provisioner {
namespace {

constexpr std::size_t block_size = std::size_t{1} << 20U;

[[noreturn]] void fail(const std::string& what) {
  throw base::Error(base::Kind::host, what + ": " + std::strerror(errno));
}

class File {
 public:
  File(const std::string& path, int flags, unsigned mode = 0)
      : path_(path), file_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {
    if (file_ < 0) fail("cannot open " + path);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { ::close(file_); }

  std::size_t read_some(base::Buffer& into) const {
    const ssize_t count = ::read(file_, into.data(), into.size());
    if (count < 0) fail("cannot read " + path_);
    return static_cast<std::size_t>(count);
  }
  void write_at(base::Bytes bytes, std::uint64_t offset) const {
    while (!bytes.empty()) {
      const ssize_t count = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (count < 0) fail("cannot write " + path_);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
      offset += static_cast<std::uint64_t>(count);
    }
  }
  void finish(std::uint64_t size) const {
    if (::ftruncate(file_, static_cast<off_t>(size)) != 0 || ::fsync(file_) != 0) fail("cannot write " + path_);
  }

 private:
  std::string path_;
  int file_;
};

/// A new file under a temporary name, gone unless it is kept.
class NewFile {
 public:
  explicit NewFile(const std::string& path, unsigned mode = 0600)
      : path_(path),
        temporary_(path + ".new"),
        file_((::unlink(temporary_.c_str()), temporary_), O_WRONLY | O_CREAT | O_EXCL, mode) {}
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    if (!kept_) ::unlink(temporary_.c_str());
  }
  [[nodiscard]] const File& file() const { return file_; }
  void keep(std::uint64_t size, const OwnerMark& mark) {
    file_.finish(size);
    set_file_mark(temporary_, mark);
    set_file_note(temporary_, "stamp", file_stamp(temporary_));
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("cannot rename " + temporary_);
    kept_ = true;
  }

 private:
  std::string path_, temporary_;
  File file_;
  bool kept_ = false;
};

std::string attribute(const std::string& path, const std::string& name) {
  char value[1024];
  const ssize_t size = ::lgetxattr(path.c_str(), name.c_str(), value, sizeof(value));
  return size < 0 ? std::string() : std::string(value, static_cast<std::size_t>(size));
}

void set_attribute(const std::string& path, const std::string& name, const std::string& value) {
  if (::lsetxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0) != 0)
    fail("cannot mark " + path + " (the file system must hold user extended attributes)");
}

}  // namespace

void set_file_mark(const std::string& path, const OwnerMark& mark) {
  set_attribute(path, "user.bulkhead.owner", mark.text());
}
std::optional<OwnerMark> file_mark(const std::string& path) {
  return OwnerMark::parse(attribute(path, "user.bulkhead.owner"));
}
void set_file_note(const std::string& path, const std::string& name, const std::string& value) {
  set_attribute(path, "user.bulkhead." + name, value);
}
std::string file_note(const std::string& path, const std::string& name) {
  return attribute(path, "user.bulkhead." + name);
}

std::string file_stamp(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) fail("cannot look at " + path);
  return std::to_string(status.st_size) + " " + std::to_string(status.st_mtim.tv_sec) + "." +
         std::to_string(status.st_mtim.tv_nsec);
}

void make_store_directories(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  std::filesystem::path made;
  for (const std::filesystem::path& part : parent) {
    made /= part;
    if (::mkdir(made.c_str(), 0711) != 0 && errno != EEXIST) fail("cannot make directory " + made.string());
  }
}

void remove_empty_directories(const std::string& path, const std::string& root) {
  std::filesystem::path directory = std::filesystem::path(path).parent_path();
  while (directory.string().size() > root.size() && directory.string().starts_with(root)) {
    if (::rmdir(directory.c_str()) != 0) return;  // others still need it
    directory = directory.parent_path();
  }
}

void copy_verified(const std::string& from, const std::string& to, const base::Sha256& wanted, const OwnerMark& mark,
                   unsigned mode) {
  const File source(from, O_RDONLY);
  NewFile target(to, mode);
  base::Hasher hasher(base::Hasher::Algorithm::sha256);
  base::Buffer block(block_size);
  std::uint64_t offset = 0;
  for (std::size_t count = source.read_some(block); count != 0; count = source.read_some(block)) {
    const base::Bytes bytes(block.data(), count);
    hasher.update(bytes);
    const bool hole = std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
    if (!hole) target.file().write_at(bytes, offset);
    offset += count;
  }
  const base::Sha256 got = base::Sha256::from(std::move(hasher).finish());
  if (got != wanted)
    throw base::Error(base::Kind::failure, from + ": sha256 " + got.hex() + ", wanted " + wanted.hex());
  target.keep(offset, mark);
}

void write_marked(const std::string& to, base::Bytes content, std::uint64_t size, const OwnerMark& mark) {
  NewFile target(to);
  target.file().write_at(content, 0);
  target.keep(size, mark);
}

}  // namespace provisioner
