#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace attestation {

/// A thread that does one piece of work after another, so that nobody else waits for it.
class WorkQueue {
 public:
  /// @param most pieces that wait at any time @param patience how long a piece waits before it is not begun any more
  WorkQueue(std::size_t most, std::chrono::milliseconds patience);
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;
  /// Waits for the piece that is being done; those that wait are forgotten.
  ~WorkQueue();

  /// Told what the work threw, nullptr, or NotBegun; on the queue's thread, or in add() when too many wait.
  using Done = std::function<void(std::exception_ptr problem)>;
  void add(std::function<void()> work, Done done);

 private:
  using Clock = std::chrono::steady_clock;
  struct Piece {
    std::function<void()> work;
    Done done;
    Clock::time_point begin_before;
  };
  void run();
  static void begin(Piece piece);

  const std::size_t most_;
  const std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Piece> waiting_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace attestation
