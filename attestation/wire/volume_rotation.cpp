#include "attestation/wire/volume_rotation.h"

#include <limits>

#include "attestation/wire/json_members.h"
#include "base/error.h"

namespace attestation::wire {
namespace {

[[noreturn]] void fail(std::string_view where, std::string_view key, const std::string& what) {
  throw base::Error(base::Kind::malformed, std::string(where) + ": " + std::string(key) + ": " + what);
}

std::uint32_t version_member(const base::Json& message, std::string_view key, std::string_view where) {
  const base::Json* const found = message.find(key);
  if (found == nullptr) fail(where, key, "missing");
  if (!found->is_integer() || found->integer() < 1 || found->integer() > std::numeric_limits<std::uint32_t>::max()) {
    fail(where, key, "wanted a number from 1, of 32 bits, got " + found->compact());
  }
  return static_cast<std::uint32_t>(found->integer());
}

}  // namespace

VolumeVersions VolumeVersions::parse(std::string_view text) {
  constexpr std::string_view where = "volume's versions";
  const base::Json message = parse_message(text, {"version", "next", "mayFormat"}, where);
  VolumeVersions versions{version_member(message, "version", where), std::nullopt, std::nullopt};
  if (const base::Json* const may_format = message.find("mayFormat")) {
    if (!may_format->is_bool()) fail(where, "mayFormat", "wanted true or false, got " + may_format->compact());
    versions.may_format = may_format->boolean();
  }
  const base::Json* const next = message.find("next");
  if (next != nullptr && next->is_null()) return versions;
  versions.next = version_member(message, "next", where);
  if (*versions.next <= versions.current) {
    fail(where, "next", "wanted above " + std::to_string(versions.current) + ", got " + std::to_string(*versions.next));
  }
  return versions;
}

std::string VolumeVersions::text() const {
  base::Json message = base::Json::Object{{"version", current}, {"next", next ? base::Json(*next) : base::Json()}};
  if (may_format) message["mayFormat"] = *may_format;
  return message.compact();
}

VolumeRotated VolumeRotated::parse(std::string_view text) {
  constexpr std::string_view where = "note";
  return {version_member(parse_message(text, {"version"}, where), "version", where)};
}

std::string VolumeRotated::text() const {
  return base::Json(base::Json::Object{{"version", version}}).compact();
}

}  // namespace attestation::wire
