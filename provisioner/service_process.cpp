#include "provisioner/service_process.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/error.h"
#include "base/posix_files.h"

namespace provisioner {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto patience = std::chrono::seconds(20);

[[noreturn]] void fail(const std::string& what) {
  throw base::Error(base::Kind::host, what + ": " + std::strerror(errno));
}

/// An open file, closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int file) : file_(file) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  [[nodiscard]] int get() const { return file_; }
  void close() {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
  }

 private:
  int file_;
};

/// What the child needs, prepared before the fork: after it only async-signal-safe calls are made.
struct Launch {
  std::vector<char*> argv;
  int network_namespace, log, nothing, failure;
  unsigned user_id;
};

[[noreturn]] void become_service(const Launch& launch) {
  // Its user has no home, and p11-kit gives up on a user for whom it finds none.
  char* const environment[] = {const_cast<char*>("PATH=/usr/bin:/bin"), const_cast<char*>("LC_ALL=C"),
                               const_cast<char*>("HOME=/nonexistent"), nullptr};
  const auto id = static_cast<uid_t>(launch.user_id);
  // Opened while we still may: a checkout below /root is closed to the service's own user, the program need not be.
  const int program = ::open(launch.argv[0], O_PATH | O_CLOEXEC);
  const bool ready = program >= 0 && ::setns(launch.network_namespace, CLONE_NEWNET) == 0 &&
                     ::dup2(launch.nothing, 0) == 0 && ::dup2(launch.log, 1) == 1 && ::dup2(launch.log, 2) == 2 &&
                     ::chdir("/") == 0 && ::setgroups(0, nullptr) == 0 && ::setresgid(id, id, id) == 0 &&
                     ::setresuid(id, id, id) == 0 && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  if (ready) ::execveat(program, "", launch.argv.data(), environment, AT_EMPTY_PATH);
  const int reason = errno;
  [[maybe_unused]] const ssize_t told = ::write(launch.failure, &reason, sizeof(reason));
  ::_exit(127);
}

/// Forks twice, so that the service is nobody's child and its end is seen through its lock alone.
void fork_detached(const Launch& launch) {
  const pid_t child = ::fork();
  if (child < 0) fail("cannot start a process");
  if (child == 0) {
    ::setsid();
    const pid_t service = ::fork();
    if (service == 0) become_service(launch);
    ::_exit(service < 0 ? 1 : 0);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) throw base::Error(base::Kind::host, "cannot start a process");
}

bool answers(const std::string& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof(address.sun_path))
    throw base::Error(base::Kind::failure, socket + ": too long for a socket");
  std::copy(socket.begin(), socket.end(), address.sun_path);
  const Descriptor client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

bool ended_within(int process, int milliseconds) {
  pollfd wait{process, POLLIN, 0};
  return ::poll(&wait, 1, milliseconds) == 1;
}

std::string end_of_log(const std::string& path) {
  const std::string text = base::read_file_if_any(path).value_or("");
  return text.substr(text.size() > 500 ? text.size() - 500 : 0);
}

}  // namespace

std::vector<std::string> ServicePlace::command() const {
  return {program, "--tenant", tenant,         "--state", state, "--listen",
          listen,  "--admin",  admin_socket(), "--lock",  lock()};
}

std::optional<pid_t> service_process(const std::string& lock) {
  const Descriptor file(::open(lock.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return std::nullopt;
  struct flock question{};
  question.l_type = F_RDLCK;  // conflicts with the service's write lock
  question.l_whence = SEEK_SET;
  if (::fcntl(file.get(), F_GETLK, &question) != 0) fail("cannot ask who holds " + lock);
  if (question.l_type == F_UNLCK) return std::nullopt;
  return question.l_pid;
}

void start_detached(const ServicePlace& place) {
  const std::vector<std::string> command = place.command();
  const Descriptor router(::open(("/run/netns/" + place.router).c_str(), O_RDONLY | O_CLOEXEC));
  if (router.get() < 0) fail("cannot open network namespace " + place.router);
  const Descriptor log(::open(place.log().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640));
  if (log.get() < 0) fail("cannot open " + place.log());
  const Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail("cannot make a pipe");
  const Descriptor told(ends[0]);
  Descriptor telling(ends[1]);
  Launch launch{{}, router.get(), log.get(), nothing.get(), telling.get(), place.user_id};
  for (const std::string& argument : command) launch.argv.push_back(const_cast<char*>(argument.c_str()));
  launch.argv.push_back(nullptr);
  fork_detached(launch);
  telling.close();
  int reason = 0;
  if (::read(told.get(), &reason, sizeof(reason)) != sizeof(reason)) return;
  throw base::Error(base::Kind::host, "cannot run " + place.program + " as user " + std::to_string(place.user_id) +
                                          " in " + place.router + ": " + std::strerror(reason));
}

void await_service(const ServicePlace& place) {
  const Clock::time_point deadline = Clock::now() + patience;
  while (!(service_process(place.lock()) && answers(place.admin_socket()))) {
    if (Clock::now() > deadline)
      throw base::Error(base::Kind::host,
                        "tenant " + place.tenant + "'s service does not answer: " + end_of_log(place.log()));
    ::poll(nullptr, 0, 20);
  }
}

void stop_service(const std::string& lock) {
  const std::optional<pid_t> pid = service_process(lock);
  if (!pid) return;
  const Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0)));
  if (service_process(lock) != pid) return;  // it ended before we held on to it; the number may be another's now
  if (process.get() < 0) fail("cannot hold on to process " + std::to_string(*pid));
  ::syscall(SYS_pidfd_send_signal, process.get(), SIGTERM, nullptr, 0);
  if (ended_within(process.get(), 10'000)) return;
  ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
  if (!ended_within(process.get(), 10'000)) fail("process " + std::to_string(*pid) + " does not end");
}

}  // namespace provisioner
