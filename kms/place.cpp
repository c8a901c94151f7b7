#include "kms/place.h"

#include "base/error.h"

namespace kms {
namespace {

constexpr const char* passport = "passport";

base::Json json_of(const std::optional<base::Sha256>& digest) {
  return digest ? base::Json(digest->hex()) : base::Json();
}

const std::string& text_at(const base::Json& json, std::string_view member, std::string_view name) {
  const base::Json& value = json.at(member);
  if (value.is_string()) return value.text();
  throw base::Error(base::Kind::malformed, std::string(name) + ": " + std::string(member) + ": wanted a text");
}

std::optional<base::Sha256> digest_at(const base::Json& json, std::string_view member, std::string_view name) {
  if (json.at(member).is_null()) return std::nullopt;
  const auto digest = base::Sha256::parse(text_at(json, member, name));
  if (digest) return digest;
  throw base::Error(base::Kind::malformed, std::string(name) + ": " + std::string(member) +
                                               ": wanted a SHA-256 in hexadecimal digits or null");
}

}  // namespace

std::string Place::text() const {
  std::string text = provider;
  if (!server.empty()) text += " " + server;
  if (!name_space.empty()) text += ", namespace " + name_space;
  if (!mount.empty()) text += ", mount " + mount;
  if (!token.empty()) text += ", token " + token;
  if (model == Model::passport) text += ", asked by the guests themselves";
  return text;
}

base::Json to_json(const Place& place) {
  base::Json json = base::Json::Object{
      {"provider", place.provider}, {"server", place.server},  {"namespace", place.name_space},  {"mount", place.mount},
      {"token", place.token},       {"ca", json_of(place.ca)}, {"client", json_of(place.client)}};
  if (place.model == Model::passport) json["model"] = passport;
  return json;
}

Place parse_place(const base::Json& json, std::string_view name) {
  base::expect_members(json, {"provider", "server", "namespace", "mount", "token", "ca", "client", "model"}, name);
  Place place{text_at(json, "provider", name), text_at(json, "server", name), text_at(json, "namespace", name),
              text_at(json, "mount", name),    text_at(json, "token", name),  digest_at(json, "ca", name),
              digest_at(json, "client", name)};
  if (place.provider != "openbao" && place.provider != "kmip" && place.provider != "pkcs11")
    throw base::Error(base::Kind::malformed,
                      std::string(name) + ": provider: got '" + place.provider + "', wanted openbao, kmip or pkcs11");
  if (json.find("model") == nullptr) return place;
  if (const std::string& model = text_at(json, "model", name); model != passport || place.provider != "openbao")
    throw base::Error(base::Kind::malformed, std::string(name) + ": model: got '" + model +
                                                 "', wanted passport and provider openbao, or no model");
  place.model = Model::passport;
  return place;
}

}  // namespace kms
