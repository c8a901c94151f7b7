#include "guest/linux_tsm_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/posix_descriptor.h"

namespace guest {
namespace {

constexpr std::size_t attribute_limit = 1U << 20U;

std::error_code reason() {
  return {errno, std::generic_category()};
}

class LinuxTsmFolder final : public TsmFolder {
 public:
  explicit LinuxTsmFolder(int descriptor) : folder_(descriptor) {}

  std::error_code make_entry(const std::string& name) override {
    return ::mkdirat(folder_.get(), name.c_str(), 0700) == 0 ? std::error_code() : reason();
  }
  std::error_code remove_entry(const std::string& name) override {
    return ::unlinkat(folder_.get(), name.c_str(), AT_REMOVEDIR) == 0 ? std::error_code() : reason();
  }
  std::error_code read(const std::string& name, const std::string& attribute, base::Buffer& into) override {
    into.clear();
    const base::Descriptor file = opened(name, attribute, O_RDONLY);
    if (!file.is_open()) return reason();
    std::array<std::uint8_t, 4096> block{};
    while (true) {
      const ssize_t got = ::read(file.get(), block.data(), block.size());
      if (got < 0) return reason();
      if (got == 0) return {};
      if (into.size() + static_cast<std::size_t>(got) > attribute_limit)
        return std::make_error_code(std::errc::file_too_large);
      into.insert(into.end(), block.begin(), block.begin() + got);
    }
  }
  std::error_code write(const std::string& name, const std::string& attribute, base::Bytes value) override {
    base::Descriptor file = opened(name, attribute, O_WRONLY);
    if (!file.is_open()) return reason();
    const ssize_t written = ::write(file.get(), value.data(), value.size());
    if (written < 0) return reason();
    if (static_cast<std::size_t>(written) != value.size()) return std::make_error_code(std::errc::io_error);
    return file.close();
  }

 private:
  [[nodiscard]] base::Descriptor opened(const std::string& name, const std::string& attribute, int mode) const {
    return base::Descriptor(::openat(folder_.get(), (name + "/" + attribute).c_str(), mode | O_CLOEXEC));
  }

  base::Descriptor folder_;
};

}  // namespace

std::unique_ptr<TsmFolder> open_tsm_folder(const std::string& configfs) {
  const std::string path = configfs + "/tsm/report";
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    throw base::Error(base::Kind::host, "cannot open " + path + ": " + std::strerror(errno) +
                                            "; wanted a kernel from 6.7 on whose module tsm is loaded");
  }
  return std::make_unique<LinuxTsmFolder>(descriptor);
}

}  // namespace guest
