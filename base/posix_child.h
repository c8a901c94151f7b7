#pragma once
#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace base {

/// What a background program is given beside its arguments. Descriptors stay the caller's.
struct ChildStreams {
  std::optional<int> standard;  ///< standard input and output; /dev/null when absent
  std::optional<int> errors;    ///< standard error; /dev/null when absent
  std::vector<int> inherited;   ///< further open descriptors that keep their numbers
};

/// A program that runs beside us, never through a shell. It is killed and reaped when this object ends, and killed by
/// the kernel when the thread that started it ends first. PATH and LC_ALL=C are its environment.
class Child {
 public:
  /// @throws Error{host} when it cannot be started: "cannot run 'swtpm': No such file or directory"
  Child(const std::vector<std::string>& argv, const ChildStreams& streams);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  /// Waits for the program's own end. @return its exit code (128 + signal when killed), nullopt when it still runs
  std::optional<int> ended_within(std::chrono::milliseconds patience);
  [[nodiscard]] pid_t id() const noexcept { return process_; }

 private:
  pid_t process_ = -1;
  int watch_ = -1;  ///< pidfd
  std::optional<int> exit_code_;
};

/// A stream of lines over a connected socket, with one deadline for all of it: what a monitor or test protocol speaks.
class LineSocket {
 public:
  using Clock = std::chrono::steady_clock;
  /// Takes over `descriptor`. @param peer who is at the other end, for messages: "QEMU's monitor"
  LineSocket(int descriptor, std::string peer, Clock::time_point deadline)
      : descriptor_(descriptor), peer_(std::move(peer)), deadline_(deadline) {}
  LineSocket(const LineSocket&) = delete;
  LineSocket& operator=(const LineSocket&) = delete;
  ~LineSocket();

  /// Sends `line` and a newline. @throws Error{host} when the peer is gone or the deadline passed
  void send(const std::string& line);
  /// The next line without its end (LF or CRLF). @throws Error{host} likewise, Error{malformed} for a line of more
  /// than `limit` bytes
  std::string receive(std::size_t limit = std::size_t{1} << 20U);

 private:
  void wait_for(short events) const;
  int descriptor_;
  std::string peer_;
  Clock::time_point deadline_;
  std::string buffered_;
};

/// Two connected stream sockets, both closed on exec: one for us, one for a child.
struct SocketPair {
  int ours = -1, theirs = -1;
};
SocketPair socket_pair();

}  // namespace base
