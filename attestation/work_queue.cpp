#include "attestation/work_queue.h"

#include "attestation/request_handler.h"

namespace attestation {

WorkQueue::WorkQueue(std::size_t most, std::chrono::milliseconds patience)
    : most_(most), patience_(patience), thread_([this] { run(); }) {}

WorkQueue::~WorkQueue() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void WorkQueue::add(std::function<void()> work, Done done) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (waiting_.size() < most_) {
      waiting_.push_back({std::move(work), std::move(done), Clock::now() + patience_});
      changed_.notify_one();
      return;
    }
  }
  done(std::make_exception_ptr(NotBegun()));
}

void WorkQueue::run() {
  for (;;) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (ending_) return;
    Piece piece = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    begin(std::move(piece));
  }
}

void WorkQueue::begin(Piece piece) {
  std::exception_ptr problem;
  try {
    if (Clock::now() > piece.begin_before) throw NotBegun();
    piece.work();
  } catch (...) {
    problem = std::current_exception();
  }
  piece.work = nullptr;  // what it held is gone before anybody hears of it
  piece.done(problem);
}

}  // namespace attestation
