#include "base/posix_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "base/error.h"

namespace base {
namespace {

struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() {
    if (::pipe2(ends, O_CLOEXEC) != 0)
      throw Error(Kind::host, std::string("cannot make a pipe: ") + std::strerror(errno));
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  void close_end(int end) {
    if (ends[end] >= 0) ::close(ends[end]);
    ends[end] = -1;
  }
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment_for(const ProcessOptions& options) {
  const char* const path = std::getenv("PATH");
  std::vector<std::string> environment = {
      std::string("PATH=") + (path == nullptr ? "/usr/sbin:/usr/bin:/sbin:/bin" : path), "LC_ALL=C"};
  environment.insert(environment.end(), options.environment.begin(), options.environment.end());
  return environment;
}

/// In the child: only async-signal-safe calls. Reports errno through `failure` when exec is not reached.
[[noreturn]] void become(char* const* argv, char* const* environment, Pipe& in, Pipe& out, Pipe& err, int failure,
                         std::optional<int> network_namespace) {
  ::signal(SIGPIPE, SIG_DFL);
  const bool ready = ::dup2(in.ends[0], 0) >= 0 && ::dup2(out.ends[1], 1) >= 0 && ::dup2(err.ends[1], 2) >= 0 &&
                     (!network_namespace || ::setns(*network_namespace, CLONE_NEWNET) == 0);
  if (ready) ::execvpe(argv[0], argv, environment);
  const int reason = errno;
  [[maybe_unused]] const ssize_t reported = ::write(failure, &reason, sizeof(reason));
  ::_exit(127);
}

/// Moves what is ready: input out, output and errors in, until both output pipes are closed.
void exchange(Pipe& in, Pipe& out, Pipe& err, const ProcessOptions& options, ProcessResult& result) {
  std::size_t sent = 0;
  if (options.input.empty()) {
    in.close_end(1);
  } else {
    ::fcntl(in.ends[1], F_SETFL, O_NONBLOCK);  // a blocking write larger than the pipe would stop us from reading
  }
  while (out.ends[0] >= 0 || err.ends[0] >= 0) {
    pollfd waits[3] = {{out.ends[0], POLLIN, 0}, {err.ends[0], POLLIN, 0}, {in.ends[1], POLLOUT, 0}};
    if (::poll(waits, 3, -1) < 0 && errno != EINTR) throw Error(Kind::host, "cannot wait for a program");
    if ((waits[2].revents & (POLLOUT | POLLERR)) != 0) {
      const ssize_t count = ::write(in.ends[1], options.input.data() + sent, options.input.size() - sent);
      if (count > 0) sent += static_cast<std::size_t>(count);
      if (sent == options.input.size() || (count < 0 && errno != EINTR && errno != EAGAIN)) in.close_end(1);
    }
    for (int i = 0; i < 2; ++i) {
      if ((waits[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
      Pipe& pipe = i == 0 ? out : err;
      std::string& text = i == 0 ? result.output : result.errors;
      char block[65536];
      const ssize_t count = ::read(pipe.ends[0], block, sizeof(block));
      if (count > 0 && text.size() < options.output_limit) text.append(block, static_cast<std::size_t>(count));
      if (count == 0 || (count < 0 && errno != EINTR)) pipe.close_end(0);
    }
  }
}

/// errno of a failed start, or 0 once exec has closed the pipe.
int start_failure(Pipe& failure) {
  int reason = 0;
  ssize_t count = 0;
  do {
    count = ::read(failure.ends[0], &reason, sizeof(reason));
  } while (count < 0 && errno == EINTR);
  return count == static_cast<ssize_t>(sizeof(reason)) ? reason : 0;
}

}  // namespace

ProcessResult run(const std::vector<std::string>& argv, const ProcessOptions& options) {
  const std::vector<std::string> environment = environment_for(options);
  const std::vector<char*> arguments = pointers(argv);
  const std::vector<char*> variables = pointers(environment);
  Pipe in, out, err, failure;
  const pid_t child = ::fork();
  if (child < 0) throw Error(Kind::host, std::string("cannot fork: ") + std::strerror(errno));
  if (child == 0) become(arguments.data(), variables.data(), in, out, err, failure.ends[1], options.network_namespace);
  in.close_end(0);
  out.close_end(1);
  err.close_end(1);
  failure.close_end(1);
  const int reason = start_failure(failure);
  ProcessResult result;
  if (reason == 0) {
    struct sigaction ignore{};
    struct sigaction old{};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &old);
    exchange(in, out, err, options, result);
    ::sigaction(SIGPIPE, &old, nullptr);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (reason != 0) {
    throw Error(Kind::host, "cannot run '" + argv.front() + "': " + std::strerror(reason));
  }
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

std::string run_or_throw(const std::vector<std::string>& argv, const ProcessOptions& options) {
  ProcessResult result = run(argv, options);
  if (result.exit_code == 0) return std::move(result.output);
  std::string words = result.errors.empty() ? result.output : result.errors;
  while (!words.empty() && words.back() == '\n') words.pop_back();
  std::string command = argv.front();
  for (std::size_t i = 1; i < argv.size() && i < 4; ++i) command += " " + argv[i];
  throw Error(Kind::host, "'" + command + "' exited with " + std::to_string(result.exit_code) + ": " + words);
}

}  // namespace base
