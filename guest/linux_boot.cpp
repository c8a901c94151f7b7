#include "guest/linux_boot.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <sstream>

#include "base/error.h"
#include "base/posix_files.h"

namespace guest {
namespace {

constexpr unsigned long harmless = MS_NOSUID | MS_NODEV | MS_NOEXEC;
constexpr const char* new_root = "/sysroot";

[[noreturn]] void fail(const std::string& what) {
  throw base::Error(base::Kind::host, "cannot " + what + ": " + std::strerror(errno));
}

void mount_at(const char* source, const std::string& target, const char* type, unsigned long flags,
              const char* options = "") {
  if (::mount(source, target.c_str(), type, flags, options) != 0)
    fail("mount " + std::string(source) + " on " + target);
}

void load_module(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) fail("open the module " + path);
  const long result = ::syscall(SYS_finit_module, file, "", 0);
  const int reason = errno;
  ::close(file);
  // ENODEV: a driver of a TEE this machine does not have.
  if (result == 0 || reason == EEXIST || reason == ENODEV) return;
  errno = reason;
  fail("load the module " + path);
}

/// Whether something is written into the pipe before its other end is closed.
bool hears(int pipe) {
  char sign = 0;
  ssize_t got = -1;
  do {
    got = ::read(pipe, &sign, 1);
  } while (got < 0 && errno == EINTR);
  ::close(pipe);
  return got == 1;
}

}  // namespace

void mount_kernel_filesystems() {
  mount_at("proc", "/proc", "proc", harmless);
  mount_at("sysfs", "/sys", "sysfs", harmless);
  mount_at("securityfs", "/sys/kernel/security", "securityfs", harmless);
  mount_at("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "mode=0755");
  mount_at("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755");
}

void mount_configfs() {
  if (::mount("configfs", "/sys/kernel/config", "configfs", harmless, "") != 0 && errno != EBUSY)
    fail("mount configfs on /sys/kernel/config");
}

void load_modules(const std::string& list) {
  constexpr std::size_t list_limit = 1U << 16U;
  std::istringstream lines(base::read_file_if_any(list, list_limit).value_or(""));
  for (std::string path; std::getline(lines, path);) load_module(path);
}

void describe_host(const std::string& name) {
  constexpr unsigned world_readable = 0644;
  base::write_file_atomically("/run/bulkhead/hostname", name + "\n", world_readable);
  base::write_file_atomically("/run/bulkhead/resolv.conf", "# no name service: initdata names addresses\n",
                              world_readable);
}

void enter_root(const std::string& disk) {
  mount_at(disk.c_str(), new_root, "ext4", MS_RDONLY, "noload");
  for (const char* moved : {"/proc", "/sys", "/dev", "/run"}) {
    mount_at(moved, std::string(new_root) + moved, nullptr, MS_MOVE);
  }
  if (::chdir(new_root) != 0) fail("enter the root disk");
  mount_at(".", "/", nullptr, MS_MOVE);
  if (::chroot(".") != 0 || ::chdir("/") != 0) fail("make the root disk the root");
  ::execl("/sbin/init", "/sbin/init", static_cast<char*>(nullptr));
  fail("run /sbin/init");
}

void in_background(const char* name, const std::function<void()>& work) {
  std::array<int, 2> begun{};
  if (::pipe2(begun.data(), O_CLOEXEC) != 0) fail("start " + std::string(name));
  const pid_t child = ::fork();
  if (child < 0) fail("start " + std::string(name));
  ::close(begun.at(child > 0 ? 1 : 0));
  if (child > 0) {
    if (!hears(begun[0])) throw base::Error(base::Kind::host, std::string(name) + " got no mounts of its own");
    return;
  }
  if (::unshare(CLONE_NEWNS) != 0 || ::write(begun[1], "", 1) != 1) ::_exit(1);
  ::close(begun[1]);
  ::setsid();
  ::prctl(PR_SET_NAME, name);
  try {
    work();
    ::_exit(0);
  } catch (...) {
    ::_exit(1);
  }
}

void leave_mount(const std::string& path) {
  if (::umount2(path.c_str(), MNT_DETACH) != 0) fail("leave " + path);
}

void remain() {
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigprocmask(SIG_BLOCK, &children, nullptr);
  for (;;) {
    int signal = 0;
    sigwait(&children, &signal);
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }
}

void power_off() {
  ::sync();
  ::reboot(RB_POWER_OFF);
  ::_exit(1);  // only when this is not PID 1 of a machine
}

}  // namespace guest
