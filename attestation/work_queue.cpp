#include "attestation/work_queue.h"

#include <algorithm>
#include <utility>

namespace attestation {

WorkQueue::WorkQueue(std::size_t most, WorkPatience patience)
    : most_(most), patience_(patience), thread_([this] { run(); }), watch_([this] { watch(); }) {}

WorkQueue::~WorkQueue() {
  end();
  thread_.join();
  watch_.join();
}

void WorkQueue::end() {
  std::deque<Piece> forgotten;
  const std::lock_guard<std::mutex> lock(mutex_);
  ending_ = true;
  forgotten.swap(waiting_);
  changed_.notify_all();
}

bool WorkQueue::end_within(std::chrono::milliseconds time) {
  end();
  std::unique_lock<std::mutex> lock(mutex_);
  return changed_.wait_for(lock, time, [this] { return !running_; });
}

std::exception_ptr WorkQueue::not_begun() const {
  const auto busy = running_ ? Clock::now() - running_->since : Clock::duration::zero();
  return std::make_exception_ptr(NotBegun(std::chrono::duration_cast<std::chrono::seconds>(busy)));
}

void WorkQueue::add(std::function<void()> work, Done done, Wait wait) {
  std::exception_ptr problem;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (waiting_.size() < most_) {
      waiting_.push_back({std::move(work), std::move(done), wait, Clock::now() + patience_.to_begin});
      changed_.notify_all();
      return;
    }
    problem = not_begun();
  }
  done(problem);
}

void WorkQueue::run() {
  while (std::optional<Piece> piece = next()) {
    std::exception_ptr problem;
    try {
      piece->work();
    } catch (...) {
      problem = std::current_exception();
    }
    piece->work = nullptr;  // what it held is gone before anybody hears of it
    if (const Done done = ended()) done(problem);
  }
}

std::optional<WorkQueue::Piece> WorkQueue::next() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (ending_) return std::nullopt;
    const Clock::time_point now = Clock::now();
    if (waiting_.front().begin_before >= now) break;
    tell_the_impatient(lock);
  }
  Piece piece = std::move(waiting_.front());
  waiting_.pop_front();
  const Clock::time_point now = Clock::now();
  running_ = {std::exchange(piece.done, nullptr), now, std::nullopt};
  if (piece.wait == Wait::for_a_while) running_->end_before = now + patience_.to_end;
  changed_.notify_all();
  return piece;
}

WorkQueue::Done WorkQueue::ended() {
  const std::lock_guard<std::mutex> lock(mutex_);
  Done done = std::move(running_->done);
  running_.reset();
  changed_.notify_all();
  return done;
}

void WorkQueue::watch() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!ending_) {
    Clock::time_point next = Clock::now() + std::chrono::hours(1);
    if (running_ && running_->end_before) next = std::min(next, *running_->end_before);
    // All wait equally long: the first is the first to lose its patience.
    if (!waiting_.empty()) next = std::min(next, waiting_.front().begin_before);
    changed_.wait_until(lock, next);
    tell_the_impatient(lock);
  }
}

void WorkQueue::tell_the_impatient(std::unique_lock<std::mutex>& lock) {
  const Clock::time_point now = Clock::now();
  std::vector<std::pair<Done, std::exception_ptr>> told;
  std::vector<Piece> forgotten;
  while (!waiting_.empty() && waiting_.front().begin_before < now) {
    told.emplace_back(std::exchange(waiting_.front().done, nullptr), not_begun());
    forgotten.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  if (running_ && running_->end_before && *running_->end_before < now) {
    running_->end_before.reset();
    told.emplace_back(std::exchange(running_->done, nullptr), std::make_exception_ptr(StillUnderWay(patience_.to_end)));
  }
  lock.unlock();
  forgotten.clear();
  for (const auto& [done, problem] : told) done(problem);
  lock.lock();
}

}  // namespace attestation
