#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "attestation/request_handler.h"

namespace attestation {

/// How long who waits is kept waiting.
struct WorkPatience {
  std::chrono::milliseconds to_begin;  ///< a piece is not begun any more when it has waited for this long
  std::chrono::milliseconds to_end;    ///< that a piece whose Wait is for_a_while may take
};

/// A thread that does one piece of work after another, so that nobody else waits for it. It may be held up for ever, as
/// by a token that does not answer: another thread tells those who wait.
class WorkQueue {
 public:
  /// @param most pieces that wait at any time
  WorkQueue(std::size_t most, WorkPatience patience);
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;
  /// Waits for the piece that is being done; those that wait are forgotten.
  ~WorkQueue();

  /// Told once what the work threw, nullptr, NotBegun, or StillUnderWay: then what becomes of the work is told to
  /// nobody. On one of the queue's threads, or in add() when too many wait.
  using Done = std::function<void(std::exception_ptr problem)>;
  void add(std::function<void()> work, Done done, Wait wait = Wait::to_the_end);
  /// Forgets those that wait, begins nothing more and waits for the piece that is being done. @return whether it ended
  bool end_within(std::chrono::milliseconds time);

 private:
  using Clock = std::chrono::steady_clock;
  struct Piece {
    std::function<void()> work;
    Done done;
    Wait wait;
    Clock::time_point begin_before;
  };
  /// The piece that is being done. Whoever waited for it has been told when `done` is empty.
  struct Running {
    Done done;
    Clock::time_point since;
    std::optional<Clock::time_point> end_before;
  };
  void run();
  std::optional<Piece> next();
  Done ended();
  void watch();
  /// Tells those whose patience is over, while `lock` is let go.
  void tell_the_impatient(std::unique_lock<std::mutex>& lock);
  void end();
  [[nodiscard]] std::exception_ptr not_begun() const;

  const std::size_t most_;
  const WorkPatience patience_;
  std::mutex mutex_;
  std::condition_variable changed_;  ///< there is work, or an end, or the piece that was being done is
  std::deque<Piece> waiting_;
  std::optional<Running> running_;
  bool ending_ = false;
  std::thread thread_, watch_;
};

}  // namespace attestation
