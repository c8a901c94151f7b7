#include "attestation/work_queue.h"

#include <gmock/gmock.h>

#include <future>

#include "attestation/request_handler.h"

namespace {

using attestation::NotBegun;
using attestation::WorkQueue;
using std::chrono::milliseconds;

constexpr milliseconds long_enough{600'000};

/// What the queue says of one piece of work.
class Told {
 public:
  [[nodiscard]] WorkQueue::Done done() {
    return [this](const std::exception_ptr& problem) { told_.set_value(problem); };
  }
  /// "done", "not begun" or what was thrown.
  std::string text() {
    const std::exception_ptr problem = told_.get_future().get();
    try {
      if (problem) std::rethrow_exception(problem);
      return "done";
    } catch (const NotBegun&) {
      return "not begun";
    } catch (const std::exception& error) {
      return error.what();
    }
  }

 private:
  std::promise<std::exception_ptr> told_;
};

/// Work that waits until it is let go, so that the queue is busy for as long as a test wants.
class Gate {
 public:
  [[nodiscard]] std::function<void()> work() {
    return [this] {
      begun_.set_value();
      open_.get_future().wait();
    };
  }
  void wait_until_begun() { begun_.get_future().wait(); }
  void open() { open_.set_value(); }

 private:
  std::promise<void> begun_, open_;
};

TEST(WorkQueue, DoesOnePieceAfterAnotherOnAThreadOfItsOwn) {
  std::vector<int> order;
  std::thread::id thread;
  Told first, second;
  WorkQueue queue(8, long_enough);
  queue.add([&] { order.push_back(1); }, first.done());
  queue.add(
      [&] {
        order.push_back(2);
        thread = std::this_thread::get_id();
      },
      second.done());
  EXPECT_EQ(first.text(), "done");
  EXPECT_EQ(second.text(), "done");
  EXPECT_THAT(order, testing::ElementsAre(1, 2));
  EXPECT_NE(thread, std::this_thread::get_id());
}

TEST(WorkQueue, TellsWhatWasThrownAndGoesOn) {
  Told failed, next;
  WorkQueue queue(8, long_enough);
  queue.add([] { throw std::runtime_error("no answer"); }, failed.done());
  queue.add([] {}, next.done());
  EXPECT_EQ(failed.text(), "no answer");
  EXPECT_EQ(next.text(), "done");
}

TEST(WorkQueue, TakesNoMoreThanItHasRoomFor) {
  Gate gate;
  Told busy, waits, refused;
  WorkQueue queue(1, long_enough);
  queue.add(gate.work(), busy.done());
  gate.wait_until_begun();
  queue.add([] {}, waits.done());
  queue.add([] { FAIL(); }, refused.done());
  EXPECT_EQ(refused.text(), "not begun");
  gate.open();
  EXPECT_EQ(busy.text(), "done");
  EXPECT_EQ(waits.text(), "done");
}

TEST(WorkQueue, DoesNotBeginWhatWaitedTooLong) {
  Told late;
  WorkQueue queue(1, milliseconds(-1));
  queue.add([] { FAIL(); }, late.done());
  EXPECT_EQ(late.text(), "not begun");
}

TEST(WorkQueue, EndsWithThePieceThatIsBeingDone) {
  Gate gate;
  Told busy;
  std::thread opener;
  {
    WorkQueue queue(8, long_enough);
    queue.add(gate.work(), busy.done());
    gate.wait_until_begun();
    opener = std::thread([&] { gate.open(); });
  }
  EXPECT_EQ(busy.text(), "done");
  opener.join();
}

}  // namespace
