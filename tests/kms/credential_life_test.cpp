#include "kms/credential_life.h"

#include <gtest/gtest.h>

namespace kms {
namespace {

using Act = CredentialLife::Act;

constexpr std::int64_t start = 1'800'000'000'000, second = 1000, hour = 3600 * second, day = 24 * hour;

CredentialTerm renewable(std::int64_t seconds) {
  return {seconds, seconds, true};
}

/// Runs its requests when they are due until `end`. @return when they were made, after the start
template <typename Answer>
std::vector<std::int64_t> asked(CredentialLife& life, std::int64_t end, const Answer& answer) {
  std::vector<std::int64_t> times;
  for (std::int64_t now = start;;) {
    if (life.act(now) != Act::nothing) {
      times.push_back(now - start);
      answer(now);
    }
    static_cast<void>(life.say_that_it_ends(now));
    const std::optional<std::int64_t> next = life.next();
    if (!next || *next > end) return times;
    now = *next;
  }
}

TEST(CredentialLife, LooksOnceAndRenewsWheneverHalfOfWhatIsLeftIsOver) {
  CredentialLife life(start);
  EXPECT_EQ(life.act(start), Act::look);
  life.looked_at(start, {3 * 24 * 3600, 4 * 24 * 3600, true});
  EXPECT_EQ(life.next(), start + 36 * hour);
  EXPECT_EQ(life.act(start + 36 * hour - 1), Act::nothing);
  EXPECT_EQ(life.act(start + 36 * hour), Act::renew);
  for (std::int64_t now = start + 36 * hour; now < start + 400 * day; now += 2 * day) {
    EXPECT_EQ(life.act(now), Act::renew);
    life.renewed(now, renewable(4 * 24 * 3600));
    EXPECT_EQ(life.next(), now + 2 * day);
    EXPECT_EQ(life.ends(), now + 4 * day);
    EXPECT_FALSE(life.is_ending(now + 2 * day));
  }
}

TEST(CredentialLife, HasNothingToDoForOneWithoutEnd) {
  CredentialLife life(start);
  life.looked_at(start, {std::nullopt, 0, false});
  EXPECT_EQ(life.next(), std::nullopt);
  EXPECT_EQ(life.act(start + 1000 * day), Act::nothing);
  EXPECT_FALSE(life.is_ending(start + 1000 * day));
}

struct Warning {
  const char* what;
  std::int64_t seconds, granted, before_end;  ///< the last in seconds
};
constexpr Warning warnings[] = {
    {"a long one, a week before", 32 * 86400, 32 * 86400, 7 * 86400},
    {"a short one, at half of its life", 3600, 3600, 1800},
    {"half of its life is not half of what is left", 86400, 10 * 86400, 5 * 86400},
};

TEST(CredentialLife, SpeaksOfAnEndThatNothingAvertsAWeekOrHalfALifeBefore) {
  for (const Warning& warning : warnings) {
    SCOPED_TRACE(warning.what);
    CredentialLife life(start);
    life.looked_at(start, {warning.seconds, warning.granted, false});
    const std::int64_t ends = start + warning.seconds * second, told = ends - warning.before_end * second;
    EXPECT_EQ(life.ends(), ends);
    EXPECT_EQ(life.is_ending(start), told <= start);
    EXPECT_FALSE(life.is_ending(told - 1));
    EXPECT_TRUE(life.is_ending(told));
    EXPECT_TRUE(life.is_ending(ends + day)) << "and afterwards";
    EXPECT_EQ(life.next(), told);
    EXPECT_FALSE(life.say_that_it_ends(told - 1));
    EXPECT_EQ(life.next(), told);
    EXPECT_TRUE(life.say_that_it_ends(told + 7)) << "whenever somebody comes to say it";
    EXPECT_FALSE(life.say_that_it_ends(told + day)) << "once";
    EXPECT_EQ(life.next(), std::nullopt);
    EXPECT_EQ(life.act(told), Act::nothing);
  }
}

TEST(CredentialLife, FindsOutThatRenewalsBringNothingAnyMore) {
  CredentialLife life(start);
  const std::int64_t limit = start + 10 * day;
  const std::vector<std::int64_t> times = asked(life, limit, [&](std::int64_t now) {
    const std::int64_t seconds = std::min(4 * day, limit - now) / second;
    life.act(now) == Act::look ? life.looked_at(now, renewable(seconds)) : life.renewed(now, renewable(seconds));
  });
  EXPECT_EQ(times, (std::vector<std::int64_t>{0, 2 * day, 4 * day, 6 * day, 8 * day}));
  EXPECT_EQ(life.ends(), limit);
  EXPECT_TRUE(life.is_ending(start + 8 * day)) << "two days before";
  EXPECT_EQ(life.problem(), "");
}

TEST(CredentialLife, ForgetsNoEndWhileRequestsFailAndIsTriedMoreAndMoreRarely) {
  CredentialLife life(start);
  life.looked_at(start, renewable(40 * 86400));
  std::int64_t now = start + 20 * day;
  for (const std::int64_t seconds : {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600}) {
    ASSERT_EQ(life.act(now), Act::renew);
    life.failed(now, "unreachable");
    EXPECT_EQ(life.next(), now + seconds * second);
    EXPECT_EQ(life.ends(), start + 40 * day);
    EXPECT_EQ(life.problem(), "unreachable");
    EXPECT_FALSE(life.is_ending(now));
    now += seconds * second;
  }
  EXPECT_TRUE(life.say_that_it_ends(start + 33 * day)) << "as things are, it ends";
  now = start + 40 * day - 100 * second;
  life.failed(now, "unreachable");
  EXPECT_EQ(life.next(), now + 50 * second) << "before its end";
  life.failed(now + 99 * second, "unreachable");
  EXPECT_EQ(life.next(), now + 100 * second) << "never twice in a second";
  life.failed(now + 200 * second, "permission denied");
  EXPECT_EQ(life.next(), now + 800 * second) << "nothing is to be gained after it";
  life.renewed(now + 800 * second, renewable(40 * 86400));
  EXPECT_EQ(life.problem(), "");
  EXPECT_FALSE(life.say_that_it_ends(now + 800 * second));
  EXPECT_EQ(life.next(), now + 800 * second + 20 * day);
}

TEST(CredentialLife, IsLookedAtUntilItsServerAnswers) {
  CredentialLife life(start);
  EXPECT_EQ(asked(life, start + 10 * second, [&](std::int64_t now) { life.failed(now, "sealed"); }),
            (std::vector<std::int64_t>{0, second, 3 * second, 7 * second}));
  EXPECT_EQ(life.act(start + 15 * second), Act::look);
  EXPECT_FALSE(life.is_ending(start + 10 * second)) << "no end is known";
  EXPECT_EQ(life.problem(), "sealed");
}

TEST(CredentialLife, KeepsTheShortestPeriodsAlive) {
  CredentialLife life(start);
  life.looked_at(start, {3, 4, true});  // 3.9, cut off
  EXPECT_EQ(life.next(), start + 1500);
  life.renewed(start + 1500, renewable(4));
  EXPECT_EQ(life.next(), start + 3500);
  life.renewed(start + 3700, renewable(4));
  EXPECT_EQ(life.next(), start + 5700);
  EXPECT_FALSE(life.is_ending(start + 5700));
}

}  // namespace
}  // namespace kms
