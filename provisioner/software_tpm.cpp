#include "provisioner/software_tpm.h"

#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "base/error.h"
#include "base/posix_files.h"
#include "base/posix_process.h"

namespace provisioner {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw base::Error(base::Kind::host, what + ": " + std::strerror(errno));
}

struct User {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};

User tpm_user() {
  const std::string name = swtpm_user(base::read_file_if_any("/etc/libvirt/qemu.conf").value_or(""));
  const struct passwd* const entry = ::getpwnam(name.c_str());
  if (entry == nullptr)
    throw base::Error(base::Kind::host,
                      "no user '" + name + "', as whom libvirt runs swtpm; install swtpm and swtpm-tools");
  return {name, entry->pw_uid, entry->pw_gid};
}

void make_directory(const std::string& path, const User& owner) {
  if (::mkdir(path.c_str(), 0700) != 0 || ::chown(path.c_str(), owner.uid, owner.gid) != 0)
    fail("cannot make directory " + path);
}

/// A directory for sockets that nobody else can enter; gone with what is in it at the end.
class PrivateDirectory {
 public:
  explicit PrivateDirectory(const User& owner) {
    if (::mkdtemp(path_.data()) == nullptr) fail("cannot make a directory for the TPM's sockets");
    if (::chown(path_.c_str(), owner.uid, owner.gid) != 0) fail("cannot give away " + path_);
  }
  PrivateDirectory(const PrivateDirectory&) = delete;
  PrivateDirectory& operator=(const PrivateDirectory&) = delete;
  ~PrivateDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string file(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_ = "/run/bulkhead-tpm-XXXXXX";
};

/// A swtpm in the background that ends with this object. Every command is a connection of its own, so swtpm cannot be
/// told to end with its client. What the TPM keeps is on disk when a command that changes it returns.
class RunningTpm {
 public:
  RunningTpm(const std::string& state, const PrivateDirectory& sockets, const User& user) {
    const std::string pid_file = sockets.file("pid"), data = sockets.file("tpm");
    base::run_or_throw({"swtpm", "socket", "--tpm2", "--tpmstate", "dir=" + state + ",mode=0600", "--server",
                        "type=unixio,path=" + data + ",mode=0600", "--ctrl",
                        "type=unixio,path=" + data + ".ctrl,mode=0600", "--flags", "not-need-init,startup-clear",
                        "--pid", "file=" + pid_file, "--runas", user.name, "--daemon"});
    const int pid = std::stoi(base::read_file(pid_file));
    process_ = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (process_ < 0 && errno != ESRCH) fail("cannot watch swtpm");
  }
  RunningTpm(const RunningTpm&) = delete;
  RunningTpm& operator=(const RunningTpm&) = delete;
  ~RunningTpm() {
    if (process_ < 0) return;
    ::syscall(SYS_pidfd_send_signal, process_, SIGTERM, nullptr, 0);
    if (!ended_within(10'000)) ::syscall(SYS_pidfd_send_signal, process_, SIGKILL, nullptr, 0);
    ::close(process_);
  }

 private:
  [[nodiscard]] bool ended_within(int milliseconds) const {
    pollfd wait{process_, POLLIN, 0};
    return ::poll(&wait, 1, milliseconds) == 1;
  }
  int process_ = -1;
};

}  // namespace

std::string swtpm_user(const std::string& qemu_conf) {
  std::istringstream lines(qemu_conf);
  std::string chosen = "tss", line;
  for (bool set = false; std::getline(lines, line);) {
    const std::size_t word = line.find("swtpm_user");
    if (word == std::string::npos || word > 1) continue;
    const bool comment = line[0] == '#';
    const std::size_t start = line.find('"'), end = line.rfind('"');
    if (start == std::string::npos || end <= start || (comment && set)) continue;
    chosen = line.substr(start + 1, end - start - 1);
    set = set || !comment;
  }
  return chosen;
}

base::Buffer make_tpm_state(const std::string& directory, base::Buffer (*make_key)(const std::string& socket)) {
  const User user = tpm_user();
  const std::string state = directory + "/tpm2";
  make_directory(state, user);
  base::run_or_throw({"swtpm_setup", "--tpm2", "--tpm-state", state, "--pcr-banks", "sha256,sha384", "--runas",
                      user.name, "--not-overwrite"});
  const PrivateDirectory sockets(user);
  const RunningTpm tpm(state, sockets, user);
  return make_key(sockets.file("tpm"));
}

}  // namespace provisioner
