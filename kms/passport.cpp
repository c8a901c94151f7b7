#include "kms/passport.h"

#include <variant>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/error.h"
#include "kms/key_material.h"

namespace kms {
namespace {

std::string below(std::string_view mount) {
  return mount.empty() ? "" : std::string(mount) + "/";
}

std::string folder_of(const base::GuestId& guest) {
  return "guests/" + guest.text() + "/";
}

enum class Absence { never_made, deleted };

std::variant<base::Secret, Absence> read(OpenBaoClient& server, const std::string& path) {
  const OpenBaoClient::Answer answer = server.request("GET", path, {}, OpenBaoEffect::none);
  // What was deleted is answered with 404, too, but with its metadata.
  if (answer.status == 404) return answer.body.find("data") == nullptr ? Absence::never_made : Absence::deleted;
  if (answer.status != 200) server.fail("GET", path, answer);
  return parse_openbao_guest_key(answer.body);
}

/// nullopt where no secret ever was.
std::optional<base::Secret> read_unless_deleted(OpenBaoClient& server, const std::string& path) {
  auto found = read(server, path);
  if (auto* const key = std::get_if<base::Secret>(&found)) return std::move(*key);
  if (std::get<Absence>(found) == Absence::never_made) return std::nullopt;
  throw base::Error(base::Kind::failure,
                    "kms " + server.server() + ": " + path + ": somebody deleted the key there; no other is made");
}

enum class Made { yes, somebody_else_was_first };

Made write_first(OpenBaoClient& server, const std::string& path, base::Bytes key) {
  const base::Json body = base::Json::Object{{"options", base::Json::Object{{"cas", 0}}},
                                             {"data", base::Json::Object{{"key", base::base64(key)}}}};
  const OpenBaoClient::Answer answer = server.request("POST", path, body, OpenBaoEffect::idempotent);
  if (answer.status == 400 && openbao_errors(answer.body).find("check-and-set") != std::string::npos)
    return Made::somebody_else_was_first;
  if (answer.status >= 400) server.fail("POST", path, answer);
  return Made::yes;
}

}  // namespace

std::string passport_login(std::string_view mount) {
  return below(mount) + "cert";
}

std::string passport_role(const base::GuestId& guest) {
  return std::string(base::name_of(guest.pool)) + "-" + std::to_string(guest.index);
}

std::string passport_engine(std::string_view mount) {
  return below(mount) + "kv";
}

std::string passport_folder(std::string_view mount, const base::GuestId& guest) {
  return passport_engine(mount) + "/data/" + folder_of(guest);
}

std::string passport_name(const base::GuestId& guest, std::string_view key, std::uint32_t version) {
  const std::string first = folder_of(guest) + std::string(key);
  return version == 1 ? first : first + "." + std::to_string(version);
}

std::string passport_path(std::string_view mount, const base::GuestId& guest, std::string_view key,
                          std::uint32_t version) {
  return passport_engine(mount) + "/data/" + passport_name(guest, key, version);
}

base::Secret passport_key(OpenBaoClient& server, const std::string& path) {
  if (auto key = read_unless_deleted(server, path)) return std::move(*key);
  base::Secret made = base::random_secret(key_size);
  if (write_first(server, path, made.view()) == Made::yes) return made;
  if (auto key = read_unless_deleted(server, path)) return std::move(*key);
  throw base::Error(base::Kind::failure, "kms " + server.server() + ": " + path + ": is there and is not");
}

std::optional<base::Secret> passport_key_if_any(OpenBaoClient& server, const std::string& path) {
  auto found = read(server, path);
  auto* const key = std::get_if<base::Secret>(&found);
  return key != nullptr ? std::optional(std::move(*key)) : std::nullopt;
}

}  // namespace kms
