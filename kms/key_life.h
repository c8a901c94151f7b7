#pragma once
#include <string_view>

/// The life of a key: never-formatted -> in-use -> rotating -> in-use .. -> revoked -> destroyed.
namespace kms {

enum class KeyState {
  never_formatted,  ///< made, and no disk was ever formatted with it: a guest that finds an empty disk may format it
  in_use,           ///< a disk is formatted with it: an empty disk is now an attack or a loss, never formatted again
  rotating,         ///< an old and a new key are both readable until the rotation is committed or abandoned
  revoked,          ///< nobody gets it any more; its material still exists
  destroyed,        ///< its material is gone; the name stays taken for ever
};

/// What happens to a key.
enum class KeyEvent { format, begin_rotation, commit_rotation, abandon_rotation, revoke, destroy };

std::string_view name_of(KeyState state) noexcept;  ///< "never-formatted"
std::string_view name_of(KeyEvent event) noexcept;  ///< "begin-rotation"
/// The inverse. @throws Error{malformed} for another text
KeyState parse_key_state(std::string_view text);

/// The state that follows. Revoking a revoked and destroying a destroyed key changes nothing, so that both can be
/// retried. @throws Error{failure} with the state got and the states wanted when the event may not happen
KeyState after(KeyState state, KeyEvent event);

/// Whether a guest may be given the key at all, whoever asks.
constexpr bool is_releasable(KeyState state) noexcept {
  return state == KeyState::never_formatted || state == KeyState::in_use || state == KeyState::rotating;
}

}  // namespace kms
