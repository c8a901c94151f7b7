#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/encoding.h"
#include "base/error.h"
#include "provisioner/sev_device.h"

namespace provisioner {
namespace {

// Source: Linux include/uapi/linux/psp-sev.h; SNP_PLATFORM_STATUS is in none of Debian 12's headers.
constexpr std::uint32_t sev_get_id2 = 8, snp_platform_status = 9;
constexpr std::size_t two_sockets = 128, status_size = 32;

struct [[gnu::packed]] Command {
  std::uint32_t command;
  std::uint64_t data;
  std::uint32_t error;
};
static_assert(sizeof(Command) == 16);

struct [[gnu::packed]] GetId {
  std::uint64_t address;
  std::uint32_t length;
};

class LinuxSevDevice : public SevDevice {
 public:
  explicit LinuxSevDevice(int file) : file_(file) {}
  LinuxSevDevice(const LinuxSevDevice&) = delete;
  LinuxSevDevice& operator=(const LinuxSevDevice&) = delete;
  ~LinuxSevDevice() override { ::close(file_); }

  base::Buffer identity() override {
    base::Buffer ids(two_sockets);
    GetId request{reinterpret_cast<std::uintptr_t>(ids.data()), two_sockets};
    issue(sev_get_id2, &request, "SEV_GET_ID2");
    ids.resize(std::min<std::size_t>(request.length, two_sockets));
    return ids;
  }

  base::Buffer snp_status() override {
    base::Buffer status(status_size);
    issue(snp_platform_status, status.data(), "SNP_PLATFORM_STATUS");
    return status;
  }

 private:
  void issue(std::uint32_t number, void* data, const char* name) const {
    Command command{number, reinterpret_cast<std::uintptr_t>(data), 0};
    if (::ioctl(file_, _IOWR('S', 0, Command), &command) == 0) return;
    const std::string reason = std::strerror(errno);
    const std::uint32_t error = command.error;
    throw base::Error(base::Kind::host,
                      std::string("/dev/sev: ") + name + ": " + reason + ", firmware error " + base::hex_number(error));
  }

  int file_;
};

}  // namespace

std::unique_ptr<SevDevice> open_sev_device(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file >= 0) return std::make_unique<LinuxSevDevice>(file);
  if (errno == ENOENT || errno == ENXIO || errno == ENODEV) return nullptr;
  throw base::Error(base::Kind::host, "cannot open " + path + ": " + std::strerror(errno));
}

}  // namespace provisioner
