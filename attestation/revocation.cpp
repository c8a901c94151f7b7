#include "attestation/revocation.h"

#include <array>

#include "attestation/guest_name.h"
#include "attestation/printable.h"
#include "attestation/wire/json_members.h"
#include "base/error.h"

namespace attestation {
namespace {

using base::Json;
using Kind = Revocation::Kind;

constexpr std::array kinds{Kind::image, Kind::chip, Kind::guest, Kind::owner_key};

bool is_lower_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_value_of(Kind kind, std::string_view value) {
  switch (kind) {
    case Kind::image:
      return is_lower_hex(value) && (value.size() == 64 || value.size() == 96);
    case Kind::chip:
      return is_lower_hex(value) && (value.size() == 16 || value.size() == 32 || value.size() == 128);
    case Kind::guest:
      return is_guest_name(value);
    case Kind::owner_key:
      return is_lower_hex(value) && value.size() == 64;
  }
  return false;
}

const char* wanted_of(Kind kind) {
  switch (kind) {
    case Kind::image:
      return "64 or 96 lower-case hexadecimal digits of a digest";
    case Kind::chip:
      return "16, 32 or 128 lower-case hexadecimal digits of a chip's or platform's id";
    case Kind::guest:
      return "POOL/INDEX";
    case Kind::owner_key:
      return "64 lower-case hexadecimal digits, the SHA-256 of an approval key";
  }
  return "";
}

[[noreturn]] void fail(const std::string& what) {
  throw base::Error(base::Kind::malformed, "revocation: " + what);
}

Kind kind_of(const std::string& name) {
  for (const Kind kind : kinds) {
    if (name_of(kind) == name) return kind;
  }
  fail("kind: wanted image, chip, guest or ownerKey, got '" + printable(name) + "'");
}

std::set<std::string> texts_of(const Json& json) {
  std::set<std::string> texts;
  for (const Json& text : json.array()) texts.insert(text.text());
  return texts;
}

Json texts_json(const std::set<std::string>& texts) {
  Json::Array all;
  for (const std::string& text : texts) all.emplace_back(text);
  return all;
}

}  // namespace

std::string_view name_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::image:
      return "image";
    case Kind::chip:
      return "chip";
    case Kind::guest:
      return "guest";
    case Kind::owner_key:
      return "ownerKey";
  }
  return "";
}

Revocation Revocation::parse(const Json& json) {
  if (!json.is_object()) fail("wanted an object");
  base::expect_members(json, {"kind", "value", "reason", "time"}, "revocation");
  Revocation made{kind_of(wire::text_member(json, "kind", "revocation")),
                  wire::text_member(json, "value", "revocation"), "", 0};
  if (!is_value_of(made.kind, made.value)) {
    fail("value: wanted " + std::string(wanted_of(made.kind)) + ", got '" + printable(made.value) + "'");
  }
  if (json.find("reason") != nullptr) made.reason = printable(wire::text_member(json, "reason", "revocation"));
  if (const Json* time = json.find("time")) made.time_ms = time->integer();
  return made;
}

Json Revocation::json() const {
  return Json::Object{{"kind", name_of(kind)}, {"value", value}, {"reason", reason}, {"time", time_ms}};
}

std::string Revocation::text() const {
  return std::string(name_of(kind)) + " " + value + (reason.empty() ? "" : ": " + reason);
}

RevocableFacts RevocableFacts::parse(const Json& json) {
  base::expect_members(json, {"guest", "images", "chips"}, "revocable facts");
  return {json.at("guest").text(), texts_of(json.at("images")), texts_of(json.at("chips"))};
}

Json RevocableFacts::json() const {
  return Json::Object{{"guest", guest}, {"images", texts_json(images)}, {"chips", texts_json(chips)}};
}

bool concerns(const Revocation& revocation, const RevocableFacts& facts) {
  switch (revocation.kind) {
    case Kind::image:
      return facts.images.contains(revocation.value);
    case Kind::chip:
      return facts.chips.contains(revocation.value);
    case Kind::guest:
      return facts.guest == revocation.value;
    case Kind::owner_key:
      return false;  // concerns the approval, not one guest
  }
  return false;
}

std::vector<std::string> revocation_problems(const std::vector<Revocation>& revocations, const RevocableFacts& facts) {
  std::vector<std::string> problems;
  for (const Revocation& one : revocations) {
    if (concerns(one, facts)) problems.push_back("revoked: " + one.text());
  }
  return problems;
}

}  // namespace attestation
