#include "attestation/work_queue.h"

#include <gmock/gmock.h>

#include <future>

#include "attestation/request_handler.h"

namespace {

using attestation::NotBegun;
using attestation::StillUnderWay;
using attestation::Wait;
using attestation::WorkPatience;
using attestation::WorkQueue;
using std::chrono::milliseconds;

constexpr WorkPatience patient{milliseconds(600'000), milliseconds(600'000)};

/// What the queue says of one piece of work.
class Told {
 public:
  [[nodiscard]] WorkQueue::Done done() {
    return [this](const std::exception_ptr& problem) { told_.set_value(problem); };
  }
  /// "done", "not begun", "under way" or what was thrown.
  std::string text() {
    const std::exception_ptr problem = told_.get_future().get();
    try {
      if (problem) std::rethrow_exception(problem);
      return "done";
    } catch (const NotBegun&) {
      return "not begun";
    } catch (const StillUnderWay&) {
      return "under way";
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
  /// Has the queue do it, again where a busy machine was slower than the queue's patience. Returns when it is begun.
  void hold_up(WorkQueue& queue, const WorkQueue::Done& done) {
    for (bool begun = false; !begun;) {
      const auto tried = std::make_shared<std::promise<bool>>();
      queue.add(
          [this, tried] {
            tried->set_value(true);
            open_.get_future().wait();
          },
          [tried, done](const std::exception_ptr& problem) {
            try {
              if (problem) std::rethrow_exception(problem);
            } catch (const NotBegun&) {
              return tried->set_value(false);
            } catch (...) {
            }
            done(problem);
          });
      begun = tried->get_future().get();
    }
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
  WorkQueue queue(8, patient);
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
  WorkQueue queue(8, patient);
  queue.add([] { throw std::runtime_error("no answer"); }, failed.done());
  queue.add([] {}, next.done());
  EXPECT_EQ(failed.text(), "no answer");
  EXPECT_EQ(next.text(), "done");
}

TEST(WorkQueue, TakesNoMoreThanItHasRoomFor) {
  Gate gate;
  Told busy, waits, refused;
  WorkQueue queue(1, patient);
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
  WorkQueue queue(1, {milliseconds(-1), milliseconds(0)});
  queue.add([] { FAIL(); }, late.done());
  EXPECT_EQ(late.text(), "not begun");
}

TEST(WorkQueue, EndsWithThePieceThatIsBeingDone) {
  Gate gate;
  Told busy;
  std::thread opener;
  {
    WorkQueue queue(8, patient);
    queue.add(gate.work(), busy.done());
    gate.wait_until_begun();
    opener = std::thread([&] { gate.open(); });
  }
  EXPECT_EQ(busy.text(), "done");
  opener.join();
}

TEST(WorkQueue, TellsThoseWhoWaitWhileAPieceDoesNotEnd) {
  Gate gate;
  Told hangs, first, second;
  WorkQueue queue(8, {milliseconds(20), milliseconds(600'000)});
  gate.hold_up(queue, hangs.done());
  queue.add([] { FAIL(); }, first.done());
  queue.add([] { FAIL(); }, second.done());
  EXPECT_EQ(first.text(), "not begun");
  EXPECT_EQ(second.text(), "not begun");
  gate.open();
  EXPECT_EQ(hangs.text(), "done") << "who waits to the end is told the end";
}

TEST(WorkQueue, TellsWhoeverWaitsForAPieceThatDoesNotEndAndForgetsWhatComesOfIt) {
  Gate gate;
  Told hangs, next;
  auto result = std::make_shared<int>(0);
  const std::weak_ptr<int> left = result;
  WorkQueue queue(8, {milliseconds(600'000), milliseconds(20)});
  // The promise throws if it is told twice.
  queue.add([wait = gate.work(), result = std::move(result)] { wait(), *result = 1; }, hangs.done(), Wait::for_a_while);
  EXPECT_EQ(hangs.text(), "under way");
  EXPECT_FALSE(left.expired()) << "the work has still what it works with";
  gate.open();
  queue.add([] {}, next.done());
  EXPECT_EQ(next.text(), "done");
  EXPECT_TRUE(left.expired());
}

TEST(WorkQueue, ForgetsWhatWaitsWhenItIsToEndAndSaysWhetherItCan) {
  Gate gate;
  Told hangs;
  auto held = std::make_shared<int>(0);
  const std::weak_ptr<int> left = held;
  WorkQueue queue(8, patient);
  queue.add(gate.work(), hangs.done());
  gate.wait_until_begun();
  queue.add([held = std::move(held)] { FAIL() << "it was begun, " << *held; },
            [](const std::exception_ptr&) { FAIL() << "nobody is there to be told"; });
  EXPECT_FALSE(queue.end_within(milliseconds(0)));
  EXPECT_TRUE(left.expired());
  gate.open();
  EXPECT_TRUE(queue.end_within(milliseconds(600'000)));
  EXPECT_EQ(hangs.text(), "done");
}

}  // namespace
