#include "guest/linux_boot.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "base/error.h"
#include "base/posix_files.h"

namespace guest {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw base::Error(base::Kind::host, what + ": " + std::strerror(errno));
}

void mount_one(const char* type, const char* where, unsigned long flags, const char* options = "") {
  std::filesystem::create_directories(where);
  if (::mount(type, where, type, flags, options) != 0 && errno != EBUSY) fail(std::string("mount ") + where);
}

void load_module(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) fail("open module " + path);
  const long outcome = ::syscall(SYS_finit_module, file, "", 0);
  const int reason = errno;
  ::close(file);
  errno = reason;
  const bool fine =
      outcome == 0 || reason == EEXIST || reason == ENODEV;  // ENODEV: a driver of hardware this guest has not
  if (!fine) fail("load module " + path);
}

/// The serial number a virtio disk tells, or empty.
std::string serial_of(const std::filesystem::path& block_device) {
  const std::optional<std::string> serial = base::read_file_if_any((block_device / "serial").string(), 4096);
  if (!serial) return "";
  return serial->substr(0, serial->find_first_of("\n", 0));
}

std::string find_disk(std::string_view serial) {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/sys/block", none)) {
    if (serial_of(entry.path()) == serial) return "/dev/" + entry.path().filename().string();
  }
  return "";
}

}  // namespace

void mount_kernel_file_systems() {
  mount_one("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC);
  mount_one("sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC);
  mount_one("securityfs", "/sys/kernel/security", MS_NOSUID | MS_NODEV | MS_NOEXEC);
  mount_one("devtmpfs", "/dev", MS_NOSUID);
  mount_one("tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=755");
}

void load_modules() {
  std::istringstream list(base::read_file_if_any("/modules").value_or(""));
  for (std::string path; std::getline(list, path);) {
    if (!path.empty()) load_module(path);
  }
}

void say(const std::string& text) {
  const std::string line = "bulkhead: " + text + "\r\n";
  const int console = ::open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC);
  [[maybe_unused]] const ssize_t written = ::write(console < 0 ? STDOUT_FILENO : console, line.data(), line.size());
  if (console >= 0) ::close(console);
}

std::string disk_with_serial(std::string_view serial, unsigned seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  std::string device = find_disk(serial);
  while (device.empty() && std::chrono::steady_clock::now() < deadline) {
    ::poll(nullptr, 0, 20);  // between two looks at /sys/block
    device = find_disk(serial);
  }
  return device;
}

base::Buffer disk_content(const std::string& device, std::size_t limit) {
  return base::buffer_of(base::bytes_of(base::read_file(device, limit)));
}

void become_userland(const std::string& root_device) {
  std::filesystem::create_directories("/root");
  if (::mount(root_device.c_str(), "/root", "ext4", MS_RDONLY, "") != 0) fail("mount the root disk " + root_device);
  for (const char* const kept : {"/proc", "/sys", "/dev", "/run"}) {
    const std::string moved = std::string("/root") + kept;
    if (::mount(kept, moved.c_str(), nullptr, MS_MOVE, nullptr) != 0) fail("move " + std::string(kept));
  }
  if (::chdir("/root") != 0 || ::mount(".", "/", nullptr, MS_MOVE, nullptr) != 0 || ::chroot(".") != 0 ||
      ::chdir("/") != 0) {
    fail("change to the root disk");
  }
  char* const argv[] = {const_cast<char*>("/sbin/init"), nullptr};
  char* const environment[] = {const_cast<char*>("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), nullptr};
  ::execve(argv[0], argv, environment);
  fail("start /sbin/init of the root disk");
}

void wait_for_power_off() {
  for (;;) {
    ::pause();
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }
}

void power_off() {
  ::sync();
  ::reboot(RB_POWER_OFF);
  wait_for_power_off();
}

}  // namespace guest
