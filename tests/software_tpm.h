#pragma once
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/posix_process.h"
#include "tests/temporary_folder.h"

namespace tests {

/// A swtpm of a test's own, on Unix sockets in a new folder. What it keeps outlives stop().
class SoftwareTpm {
 public:
  /// @throws base::Error{host} where there is no swtpm: tests skip then
  explicit SoftwareTpm(const std::string& banks = "sha256,sha384") {
    base::run_or_throw({"swtpm_setup", "--tpm2", "--tpmstate", folder_.path(), "--pcr-banks", banks});
    start();
  }
  SoftwareTpm(const SoftwareTpm&) = delete;
  SoftwareTpm& operator=(const SoftwareTpm&) = delete;
  ~SoftwareTpm() { stop(); }

  /// As a machine starts: the registers begin anew.
  void start() {
    base::run_or_throw({"swtpm", "socket", "--tpm2", "--tpmstate", "dir=" + folder_.path(), "--server",
                        "type=unixio,path=" + socket(), "--ctrl", "type=unixio,path=" + socket() + ".ctrl", "--flags",
                        "not-need-init,startup-clear", "--daemon", "--pid", "file=" + folder_.file("pid")});
    pid_t pid = 0;
    std::ifstream(folder_.file("pid")) >> pid;
    process_ = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  }
  /// Returns when it is gone, so that it removes nothing later.
  void stop() {
    if (process_ < 0) return;
    ::syscall(SYS_pidfd_send_signal, process_, SIGKILL, nullptr, 0);
    pollfd gone{process_, POLLIN, 0};
    ::poll(&gone, 1, -1);
    ::close(process_);
    process_ = -1;
    for (const std::string& name : {socket(), socket() + ".ctrl"}) std::filesystem::remove(name);
  }
  [[nodiscard]] std::string socket() const { return folder_.file("socket"); }
  /// As the flag --tpm has it.
  [[nodiscard]] std::string address() const { return "swtpm:path=" + socket(); }
  /// Runs one of tpm2-tools on it. @throws base::Error{host} in its words @return what it printed
  std::string tool(const std::vector<std::string>& words, const std::string& before_address = "",
                   const std::vector<std::string>& environment = {}) const {
    base::ProcessOptions options{.environment = environment};
    options.environment.push_back("TPM2TOOLS_TCTI=" + before_address + address());
    return base::run_or_throw(words, options);
  }

 private:
  TemporaryFolder folder_;
  int process_ = -1;
};

}  // namespace tests
