#include "base/posix_child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "base/error.h"

namespace base {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw Error(Kind::host, what + ": " + std::strerror(errno));
}

/// All the child needs, made before the fork: afterwards it may only make async-signal-safe calls.
struct Exec {
  std::vector<char*> argv;
  std::string path;
  std::vector<char*> environment;
  int failure = -1;
};

[[noreturn]] void become(const Exec& exec, const ChildStreams& streams, int nothing, pid_t parent) {
  ::signal(SIGPIPE, SIG_DFL);
  bool ready = ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && ::getppid() == parent;
  const int standard = streams.standard.value_or(nothing);
  ready =
      ready && ::dup2(standard, 0) == 0 && ::dup2(standard, 1) == 1 && ::dup2(streams.errors.value_or(nothing), 2) == 2;
  for (const int descriptor : streams.inherited) ready = ready && ::fcntl(descriptor, F_SETFD, 0) == 0;
  if (ready) ::execvpe(exec.argv[0], exec.argv.data(), exec.environment.data());
  const int reason = errno;
  [[maybe_unused]] const ssize_t told = ::write(exec.failure, &reason, sizeof(reason));
  ::_exit(127);
}

Exec exec_of(const std::vector<std::string>& argv) {
  Exec exec;
  for (const std::string& word : argv) exec.argv.push_back(const_cast<char*>(word.c_str()));
  exec.argv.push_back(nullptr);
  const char* const path = std::getenv("PATH");
  exec.path = std::string("PATH=") + (path == nullptr ? "/usr/sbin:/usr/bin:/sbin:/bin" : path);
  return exec;
}

/// errno of a failed start, or 0 once exec has closed the pipe.
int start_failure(int told) {
  int reason = 0;
  ssize_t count = 0;
  do {
    count = ::read(told, &reason, sizeof(reason));
  } while (count < 0 && errno == EINTR);
  return count == static_cast<ssize_t>(sizeof(reason)) ? reason : 0;
}

}  // namespace

Child::Child(const std::vector<std::string>& argv, const ChildStreams& streams) {
  static char locale[] = "LC_ALL=C";
  Exec exec = exec_of(argv);
  exec.environment = {exec.path.data(), locale, nullptr};
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail("cannot make a pipe");
  exec.failure = ends[1];
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ == 0) become(exec, streams, nothing, parent);
  const int fork_error = errno;
  ::close(nothing);
  ::close(ends[1]);
  const int reason = process_ < 0 ? fork_error : start_failure(ends[0]);
  ::close(ends[0]);
  if (process_ > 0 && reason != 0) ::waitpid(process_, nullptr, 0);
  if (reason != 0) throw Error(Kind::host, "cannot run '" + argv.front() + "': " + std::strerror(reason));
  watch_ = static_cast<int>(::syscall(SYS_pidfd_open, process_, 0));
}

Child::~Child() {
  if (!exit_code_) {
    ::kill(process_, SIGKILL);
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  if (watch_ >= 0) ::close(watch_);
}

std::optional<int> Child::ended_within(std::chrono::milliseconds patience) {
  if (exit_code_) return exit_code_;
  pollfd wait{watch_, POLLIN, 0};
  if (::poll(&wait, 1, static_cast<int>(patience.count())) != 1) return std::nullopt;
  int status = 0;
  if (::waitpid(process_, &status, WNOHANG) != process_) return std::nullopt;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return exit_code_;
}

LineSocket::~LineSocket() {
  ::close(descriptor_);
}

void LineSocket::wait_for(short events) const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
  pollfd wait{descriptor_, events, 0};
  const int ready = left > 0 ? ::poll(&wait, 1, static_cast<int>(std::min<long long>(left, 1'000'000))) : 0;
  if (ready < 0 && errno != EINTR) fail("cannot wait for " + peer_);
  if (ready == 0) throw Error(Kind::host, peer_ + " did not answer in time");
}

void LineSocket::send(const std::string& line) {
  const std::string text = line + "\n";
  for (std::size_t sent = 0; sent < text.size();) {
    wait_for(POLLOUT);
    const ssize_t count = ::send(descriptor_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) sent += static_cast<std::size_t>(count);
    if (count < 0 && errno != EINTR && errno != EAGAIN) fail(peer_ + " is gone");
  }
}

std::string LineSocket::receive(std::size_t limit) {
  for (std::size_t searched = 0;;) {
    const std::size_t end = buffered_.find('\n', searched);
    if (std::min(end, buffered_.size()) > limit)
      throw Error(Kind::malformed, peer_ + ": a line of more than " + std::to_string(limit) + " bytes");
    if (end != std::string::npos) {
      std::string line = buffered_.substr(0, end);
      buffered_.erase(0, end + 1);
      if (!line.empty() && line.back() == '\r') line.pop_back();
      return line;
    }
    searched = buffered_.size();
    wait_for(POLLIN);
    char block[65536];
    const ssize_t count = ::recv(descriptor_, block, sizeof(block), MSG_DONTWAIT);
    if (count == 0) throw Error(Kind::host, peer_ + " closed the connection");
    if (count > 0) buffered_.append(block, static_cast<std::size_t>(count));
    if (count < 0 && errno != EINTR && errno != EAGAIN) fail(peer_ + " is gone");
  }
}

SocketPair socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) fail("cannot make a socket pair");
  return {ends[0], ends[1]};
}

}  // namespace base
