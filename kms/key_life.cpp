#include "kms/key_life.h"

#include <array>
#include <string>

#include "base/error.h"

namespace kms {
namespace {

constexpr std::array states{KeyState::never_formatted, KeyState::in_use, KeyState::rotating, KeyState::revoked,
                            KeyState::destroyed};

struct Transition {
  KeyState from;
  KeyEvent event;
  KeyState to;
};
constexpr std::array transitions{
    Transition{KeyState::never_formatted, KeyEvent::format, KeyState::in_use},
    Transition{KeyState::never_formatted, KeyEvent::revoke, KeyState::revoked},
    Transition{KeyState::in_use, KeyEvent::begin_rotation, KeyState::rotating},
    Transition{KeyState::in_use, KeyEvent::revoke, KeyState::revoked},
    Transition{KeyState::rotating, KeyEvent::commit_rotation, KeyState::in_use},
    Transition{KeyState::rotating, KeyEvent::abandon_rotation, KeyState::in_use},
    Transition{KeyState::rotating, KeyEvent::revoke, KeyState::revoked},
    Transition{KeyState::revoked, KeyEvent::revoke, KeyState::revoked},
    Transition{KeyState::revoked, KeyEvent::destroy, KeyState::destroyed},
    Transition{KeyState::destroyed, KeyEvent::destroy, KeyState::destroyed},
};

std::string states_that_allow(KeyEvent event) {
  std::string names;
  for (const Transition& transition : transitions) {
    if (transition.event == event) names.append(names.empty() ? "" : " or ").append(name_of(transition.from));
  }
  return names;
}

}  // namespace

std::string_view name_of(KeyState state) noexcept {
  switch (state) {
    case KeyState::never_formatted:
      return "never-formatted";
    case KeyState::in_use:
      return "in-use";
    case KeyState::rotating:
      return "rotating";
    case KeyState::revoked:
      return "revoked";
    case KeyState::destroyed:
      return "destroyed";
  }
  return "";
}

std::string_view name_of(KeyEvent event) noexcept {
  switch (event) {
    case KeyEvent::format:
      return "format";
    case KeyEvent::begin_rotation:
      return "begin-rotation";
    case KeyEvent::commit_rotation:
      return "commit-rotation";
    case KeyEvent::abandon_rotation:
      return "abandon-rotation";
    case KeyEvent::revoke:
      return "revoke";
    case KeyEvent::destroy:
      return "destroy";
  }
  return "";
}

KeyState parse_key_state(std::string_view text) {
  for (const KeyState state : states)
    if (name_of(state) == text) return state;
  throw base::Error(base::Kind::malformed, "key state: got '" + std::string(text) +
                                               "', wanted never-formatted, in-use, rotating, revoked or destroyed");
}

KeyState after(KeyState state, KeyEvent event) {
  for (const Transition& transition : transitions)
    if (transition.from == state && transition.event == event) return transition.to;
  throw base::Error(base::Kind::failure, std::string(name_of(event)) + ": the key is " + std::string(name_of(state)) +
                                             ", wanted " + states_that_allow(event));
}

}  // namespace kms
