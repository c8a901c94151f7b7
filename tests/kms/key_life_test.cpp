#include "kms/key_life.h"

#include <gmock/gmock.h>

#include <array>
#include <optional>

#include "base/error.h"

namespace kms {
namespace {

using enum KeyState;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::optional<KeyState> refused;
struct Row {
  KeyState from;
  // format, begin, commit, abandon, revoke, destroy
  std::array<std::optional<KeyState>, 6> to;
};
constexpr std::array rows{
    Row{never_formatted, {in_use, refused, refused, refused, revoked, refused}},
    Row{in_use, {refused, rotating, refused, refused, revoked, refused}},
    Row{rotating, {refused, refused, in_use, in_use, revoked, refused}},
    Row{revoked, {refused, refused, refused, refused, revoked, destroyed}},
    Row{destroyed, {refused, refused, refused, refused, refused, destroyed}},
};
constexpr std::array events{KeyEvent::format,           KeyEvent::begin_rotation, KeyEvent::commit_rotation,
                            KeyEvent::abandon_rotation, KeyEvent::revoke,         KeyEvent::destroy};

TEST(KeyLife, HasExactlyTheseTransitions) {
  for (const Row& row : rows)
    for (std::size_t i = 0; i < events.size(); ++i) {
      SCOPED_TRACE(std::string(name_of(row.from)) + ", " + std::string(name_of(events[i])));
      if (row.to[i]) {
        EXPECT_EQ(after(row.from, events[i]), *row.to[i]);
      } else {
        EXPECT_THROW(after(row.from, events[i]), base::Error);
      }
    }
}

TEST(KeyLife, RefusesWithTheStateGotAndTheStatesWanted) {
  EXPECT_THAT([] { after(revoked, KeyEvent::begin_rotation); },
              ThrowsMessage<base::Error>("begin-rotation: the key is revoked, wanted in-use"));
  EXPECT_THAT([] { after(in_use, KeyEvent::destroy); },
              ThrowsMessage<base::Error>("destroy: the key is in-use, wanted revoked or destroyed"));
}

TEST(KeyLife, ReleasesNothingOnceRevoked) {
  EXPECT_TRUE(is_releasable(never_formatted) && is_releasable(in_use) && is_releasable(rotating));
  EXPECT_FALSE(is_releasable(revoked) || is_releasable(destroyed));
}

TEST(KeyLife, NamesAreReadBack) {
  for (const Row& row : rows) EXPECT_EQ(parse_key_state(name_of(row.from)), row.from);
  EXPECT_THAT([] { parse_key_state("used"); }, ThrowsMessage<base::Error>(HasSubstr("got 'used'")));
}

}  // namespace
}  // namespace kms
