#include "provisioner/guest_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/json.h"

namespace provisioner {
namespace {

constexpr std::uint64_t page = 4096;

[[noreturn]] void fail(std::uint64_t bytes) {
  throw base::Error(base::Kind::host,
                    "cannot make " + std::to_string(bytes >> 20U) + " MiB of guest memory: " + std::strerror(errno));
}

}  // namespace

GuestMemory::GuestMemory(std::uint64_t bytes) : file_(::memfd_create("guest-memory", MFD_CLOEXEC)), size_(bytes) {
  if (file_ < 0 || ::ftruncate(file_, static_cast<off_t>(bytes)) != 0) fail(bytes);
  void* const mapped = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED | MAP_NORESERVE, file_, 0);
  if (mapped == MAP_FAILED) fail(bytes);
  mapped_ = static_cast<const std::uint8_t*>(mapped);
}

GuestMemory::~GuestMemory() {
  if (mapped_ != nullptr) ::munmap(const_cast<std::uint8_t*>(mapped_), size_);
  if (file_ >= 0) ::close(file_);
}

std::vector<std::string> GuestMemory::arguments() const {
  base::Json backend;
  backend["qom-type"] = "memory-backend-file";
  backend["id"] = "pc.ram";
  backend["size"] = static_cast<std::int64_t>(size_);
  backend["mem-path"] = "/proc/self/fd/" + std::to_string(file_);
  backend["share"] = true;
  return {"-object", backend.compact(), "-machine", "memory-backend=pc.ram"};
}

std::vector<std::uint64_t> GuestMemory::pages_with(std::string_view text, std::size_t place) const {
  std::vector<std::uint64_t> found;
  off_t start = 0;
  // Only where there is data: to look at a hole would fill it.
  while ((start = ::lseek(file_, start, SEEK_DATA)) >= 0) {
    const off_t end = ::lseek(file_, start, SEEK_HOLE);
    for (auto at = static_cast<std::uint64_t>(start) & ~(page - 1); at + page <= static_cast<std::uint64_t>(end);
         at += page) {
      if (std::memcmp(mapped_ + at + place, text.data(), text.size()) == 0) found.push_back(at);
    }
    start = end;
  }
  return found;
}

base::Buffer GuestMemory::copy(std::uint64_t offset, std::size_t size) const {
  if (offset >= size_) return {};
  const std::size_t count = std::min<std::uint64_t>(size, size_ - offset);
  return {mapped_ + offset, mapped_ + offset + count};
}

}  // namespace provisioner
