#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "base/units.h"
#include "kms/openbao_client.h"

/// The passport model: a guest asks its owner's OpenBao itself. It logs in with the certificate that the tenant's
/// service issued for the key it attested with, and reads and makes secrets below its own path of a KV engine of
/// version
/// 2. Roles and policies that enforce this at the server: passport_setup.h.
namespace kms {

/// Where a tenant's guests log in: "cvm/cert" of the mount "cvm", else "cert".
std::string passport_login(std::string_view mount);
/// As whom a guest logs in: "worker-0".
std::string passport_role(const base::GuestId& guest);
/// The engine that has all secrets: "cvm/kv".
std::string passport_engine(std::string_view mount);
/// Below which all secrets of a guest are: "cvm/kv/data/guests/worker/0/".
std::string passport_folder(std::string_view mount, const base::GuestId& guest);
/// What a version of a secret of a guest is called in the engine: "guests/worker/0/volumes/data". Each has a name of
/// its own, so that each can be written once: the second is "guests/worker/0/volumes/data.2", since no volume can be
/// called that.
/// @param key "bootstrap" or "volumes/data"
std::string passport_name(const base::GuestId& guest, std::string_view key, std::uint32_t version = 1);
/// Its path: "cvm/kv/data/guests/worker/0/volumes/data".
std::string passport_path(std::string_view mount, const base::GuestId& guest, std::string_view key,
                          std::uint32_t version = 1);

/// The key at `path`, key_size bytes. Where no secret ever was it makes a random one and writes that, which the server
/// takes only as the first version; so it can be called again after any failure.
/// @throws ProviderError when the server refuses or fails, Error{failure} when its owner deleted the key there,
/// Error{malformed} for another kind of secret
base::Secret passport_key(OpenBaoClient& server, const std::string& path);
/// The same of a key that is not made: nullopt where none ever was, or its owner deleted it.
std::optional<base::Secret> passport_key_if_any(OpenBaoClient& server, const std::string& path);

}  // namespace kms
