#include "attestation/wire/recovery_note.h"

#include <algorithm>

#include "attestation/wire/json_members.h"
#include "attestation/wire/jwe.h"
#include "base/error.h"

namespace attestation::wire {
namespace {

using base::Json;

constexpr std::string_view where = "recovery note";

Json::Array parsed_keys(std::string_view note) {
  const Json message = parse_message(note, {"type", "keyslots", "keys"}, where);
  if (text_member(message, "type", where) != recovery_type) {
    throw base::Error(base::Kind::malformed, std::string(where) + ": type: wanted " + std::string(recovery_type) +
                                                 ", got '" + message.at("type").text() + "'");
  }
  Json::Array keys = message.at("keys").array();
  for (const Json& key : keys) {
    base::expect_members(key, {"recipient", "jwe"}, where);
    if (!base::Sha256::parse(text_member(key, "recipient", where)))
      throw base::Error(base::Kind::malformed, std::string(where) + ": recipient: wanted a SHA-256");
    object_member(key, "jwe", where);
  }
  return keys;
}

}  // namespace

std::string recovery_note(base::Bytes key, const std::vector<base::PublicKey>& owners, int slot) {
  Json::Array keys;
  for (const base::PublicKey& owner : owners) {
    keys.push_back(Json::Object{{"recipient", owner.fingerprint().hex()},
                                {"jwe", Json::parse(encrypt_to_guest(owner.p256_point(), key), where)}});
  }
  return Json(Json::Object{
                  {"type", recovery_type}, {"keyslots", Json::Array{std::to_string(slot)}}, {"keys", std::move(keys)}})
      .compact();
}

std::vector<std::string> recovery_recipients(std::string_view note) {
  std::vector<std::string> recipients;
  for (const Json& key : parsed_keys(note)) recipients.push_back(key.at("recipient").text());
  std::ranges::sort(recipients);
  return recipients;
}

base::Secret open_recovery_note(std::string_view note, const base::PrivateKey& owner) {
  const std::string own = owner.public_key().fingerprint().hex();
  std::string others;
  for (const Json& key : parsed_keys(note)) {
    const std::string& recipient = key.at("recipient").text();
    if (recipient == own) return decrypt_in_guest(base::EcdhKey(owner), key.at("jwe").compact());
    others += " " + recipient;
  }
  throw base::Error(base::Kind::failure, std::string(where) + ": is not for the key " + own + ", but for" +
                                             (others.empty() ? " nobody" : others));
}

}  // namespace attestation::wire
